import { Command, Option } from 'commander';
import { stringifyJson, UserError } from '../../core/index.js';
import { Client, DEFAULT_URL } from './client.js';
import { textTable } from './table.js';

interface SqlFlags {
  readonly url: string;
  readonly format: 'table' | 'csv' | 'json';
  readonly watch?: string;
}

export function sqlCommand(): Command {
  return new Command('sql')
    .description('run a SQL statement and print its rows')
    .argument('<statement>', 'for example "SELECT COUNT(*) FROM flights"')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['table', 'csv', 'json'])
        .default('table'),
    )
    .option('--watch <seconds>', 'run it again and again, until Ctrl-C')
    .action(async (statement: string, { url, format, watch }: SqlFlags) => {
      const client = new Client(url);
      if (watch === undefined) process.stdout.write(await answer(client, statement, format));
      else await watchAnswer(client, statement, format, everyMs(watch));
    });
}

function everyMs(seconds: string): number {
  const ms = Number(seconds) * 1000;
  if (ms >= 100 && ms <= 86_400_000) return ms;
  throw new UserError(`--watch: want seconds from 0.1 to 86400; got ${seconds}`);
}

/** To the upper left corner, and nothing below it. */
const CLEAR_SCREEN = '\u001b[H\u001b[J';

/** Shows each answer in the place of the one before. A server that is away for a while is waited for. */
async function watchAnswer(
  client: Client,
  query: string,
  format: SqlFlags['format'],
  periodMs: number,
): Promise<never> {
  // The first answer tells whether the statement is right.
  let text = await answer(client, query, format);
  for (;;) {
    process.stdout.write(process.stdout.isTTY ? `${CLEAR_SCREEN}${query}\n\n${text}` : text);
    await new Promise((wake) => setTimeout(wake, periodMs));
    text = await answer(client, query, format).catch((error: Error) => `${error.message}\n`);
  }
}

async function answer(client: Client, query: string, format: SqlFlags['format']): Promise<string> {
  if (format === 'table') {
    const [header = [], ...rows] = await sqlRows(client, query);
    return `${textTable(header.map(String), rows)}\n${rows.length === 1 ? '1 row' : `${rows.length} rows`}\n`;
  }
  const resultFormat = format === 'csv' ? 'csv' : 'object';
  return client.text('/druid/v2/sql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stringifyJson({ query, resultFormat, header: format === 'csv' }),
  });
}

/** The names of the columns, then the rows. */
export async function sqlRows(client: Client, query: string): Promise<unknown[][]> {
  const body = { query, resultFormat: 'array', header: true };
  return (await client.post('/druid/v2/sql', body)) as unknown[][];
}
