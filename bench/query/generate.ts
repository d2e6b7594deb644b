import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from './data-set.js';
import { MACROS } from './random.js';

export const SEED = 1;

/** The rows of a table, or those of a span of them: SQL over range(), after MACROS. */
export function rowsSql(
  table: Table,
  rows: number,
  seed = SEED,
  { from, to } = { from: 0, to: rows },
): string {
  const ranks = Object.entries(table.ranks).map(([name, sql]) => `${sql} AS ${name}`);
  const columns = table.columns.map(
    ({ name, type, sql }) => `(${sql})::${type.toUpperCase()} AS "${name}"`,
  );
  // The seed moves the row number: other rows of the same endless sequence.
  return `SELECT ${[`(${table.time})::TIMESTAMP AS __time`, ...columns].join(',\n  ')}
    FROM (SELECT ${['i', 'n', 'row', ...ranks].join(', ')}
      FROM (SELECT range AS row, (range + ${seed * 1_000_003})::BIGINT AS i, ${rows}::BIGINT AS n FROM range(${from}, ${to})))`;
}

/**
 * A Parquet file of the table, made when it is not there yet. Its name holds everything that it
 * depends on, so that an old file is never taken for a new one.
 */
export async function parquetFile(
  table: Table,
  rows: number,
  directory: string,
  run: (sql: string) => Promise<unknown>,
): Promise<string> {
  const sql = rowsSql(table, rows);
  const digest = createHash('sha256')
    .update([...MACROS, sql].join(';'))
    .digest('hex')
    .slice(0, 8);
  const file = join(directory, `${table.name}-${rows}-seed${SEED}-${digest}.parquet`);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  for (const macro of MACROS) await run(macro);
  await run(`COPY (${sql}) TO '${file}.part' (FORMAT parquet)`);
  renameSync(`${file}.part`, file);
  return file;
}
