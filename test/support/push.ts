import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PushAnswer } from '../../ingest/index.js';
import type { ServerProcess } from './server-process.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly json: PushAnswer & { readonly errorMessage: string };
}

/** Pushes a body; without a type the server tells the format by the body. */
export async function push(
  server: Pick<ServerProcess, 'url'>,
  table: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<Reply> {
  const response = await fetch(
    `${server.url}/v1/tables/${encodeURIComponent(table)}/rows${query}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body,
    },
  );
  const json = (await response.json()) as Reply['json'];
  return { status: response.status, headers: response.headers, json };
}

export async function declare(
  server: Pick<ServerProcess, 'url'>,
  table: string,
  spec: object,
): Promise<void> {
  const response = await fetch(`${server.url}/v1/tables/${encodeURIComponent(table)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(spec),
  });
  if (!response.ok) throw new Error(`${table} was not declared: ${await response.text()}`);
}

/** Rows as lines of JSON. */
export const lines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** A configuration file in a directory, as the flags that name it. */
export function configFlags(directory: string, config: object): string[] {
  const path = join(directory, 'varve.json');
  writeFileSync(path, JSON.stringify(config));
  return ['--config', path];
}
