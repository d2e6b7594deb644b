import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rows } from './answers.js';
import type { DataSet, Query, Table } from './data-set.js';
import { UsageError } from './options.js';

export type Engine = 'varve' | 'duckdb' | 'clickhouse';

export const ENGINE_NAMES: Readonly<Record<Engine, string>> = {
  varve: 'Varve',
  duckdb: 'DuckDB',
  clickhouse: 'ClickHouse',
};

/** One of the stores that are measured, opened on an empty directory of its own. */
export interface Peer {
  readonly engine: Engine;
  readonly version: string;
  /** Makes a table of a Parquet file, settled on disk when this returns. */
  load(table: Table, file: string): Promise<void>;
  /** What the tables take on disk. */
  diskBytes(dataSet: DataSet): Promise<number>;
  /** The answer, out of the engine and in JavaScript; it is brought to common form by rows(). */
  ask(text: string, context?: Query['context']): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  /** Not part of the time. */
  rows(): Rows;
}

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Asks for the peers in one plain sentence when they are not there. */
export class PeersMissingError extends UsageError {
  constructor(name: string) {
    super(`${name} is not installed below bench/; run: npm ci --prefix bench`);
  }
}

/**
 * A package of bench/package.json. They are not the root's, so that its npm ci stays small, and
 * compiled code in dist/ does not find them by itself.
 */
export function loadPeerModule<Module>(name: string): { module: Module; version: string } {
  const bench = join(REPOSITORY, 'bench');
  // The root has a DuckDB too, for its tests; this one is of the version that is stated.
  if (!existsSync(join(bench, 'node_modules', name))) throw new PeersMissingError(name);
  const require = createRequire(join(bench, 'package.json'));
  const { dependencies } = require('./package.json') as { dependencies: Record<string, string> };
  return { module: require(name) as Module, version: dependencies[name] ?? 'unknown' };
}

export function directoryBytes(path: string): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}
