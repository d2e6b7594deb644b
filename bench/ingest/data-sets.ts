import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Column, type DataSet, ingestionSpec } from '../query/data-set.js';
import { rowsSql, SEED } from '../query/generate.js';
import { HITS } from '../query/hits.js';
import { MACROS } from '../query/random.js';
import { WIKI } from '../query/wiki.js';

const EDIT_FIELDS = 'channel page user comment countryName isRobot isNew added deleted delta'.split(
  ' ',
);

/** Edits of Wikipedia with eleven fields, `__time` among them: some 235 bytes a line. */
const EDITS: DataSet = {
  ...WIKI,
  name: 'edits',
  columns: WIKI.columns.filter(({ name }) => EDIT_FIELDS.includes(name)),
  queries: [],
};

/** What is loaded: a usual table, and a wide one of many distinct texts. */
export const INGEST_SETS: readonly DataSet[] = [EDITS, HITS];

/** Fields of a line. */
export const fieldCount = ({ columns }: DataSet): number => columns.length + 1;

/**
 * A file of JSON lines with the rows of a data set, made when it is not there yet: times in ISO 8601
 * with milliseconds and zone, nulls written. Its name holds everything that it depends on.
 */
export async function jsonLinesFile(
  dataSet: DataSet,
  rows: number,
  directory: string,
  run: (sql: string) => Promise<unknown>,
): Promise<string> {
  const copy = (path: string) =>
    `COPY (${rowsSql(dataSet, rows)}) TO '${path}' (FORMAT json, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ')`;
  const digest = createHash('sha256')
    .update([...MACROS, copy('')].join(';'))
    .digest('hex')
    .slice(0, 8);
  const file = join(directory, `${dataSet.name}-${rows}-seed${SEED}-${digest}.ndjson`);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  for (const macro of MACROS) await run(macro);
  await run(copy(`${file}.part`));
  renameSync(`${file}.part`, file);
  return file;
}

/** Varve's task over such a file. */
export const ingestionTask = (dataSet: DataSet, file: string): object =>
  ingestionSpec(dataSet, file, 'json');

/** DuckDB's columns of such a file: it need not find them out. */
export function duckdbColumns({ columns }: DataSet): string {
  const typed = columns.map(({ name, type }) => `'${name}': '${type.toUpperCase()}'`);
  return `{'__time': 'TIMESTAMP', ${typed.join(', ')}}`;
}

/** SQL, good for all three, whose answers tell whether all rows are there. */
export function checksOf({ name, columns }: DataSet): string[] {
  const isNumber = ({ type }: Column) => type === 'integer' || type === 'smallint';
  const sums = columns.filter(isNumber).map((column) => `SUM("${column.name}")`);
  const texts = columns.filter(({ type }) => type === 'varchar');
  return [
    `SELECT ${['COUNT(*)', ...sums].map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM ${name}`,
    ...texts.map(
      (text) =>
        `SELECT COUNT(*) AS c FROM (SELECT "${text.name}" FROM ${name} GROUP BY "${text.name}") AS t`,
    ),
  ];
}
