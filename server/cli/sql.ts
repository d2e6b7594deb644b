import { Command, Option } from 'commander';
import { stringifyJson } from '../../core/index.js';
import { Client, DEFAULT_URL } from './client.js';
import { textTable } from './table.js';

interface SqlFlags {
  readonly url: string;
  readonly format: 'table' | 'csv' | 'json';
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
    .action(async (statement: string, { url, format }: SqlFlags) => {
      process.stdout.write(await answer(new Client(url), statement, format));
    });
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
