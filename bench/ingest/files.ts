import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PartOptions } from '../parts.js';
import type { DataSet } from '../query/data-set.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { jsonLinesFile } from './data-sets.js';

/** The path of the JSON lines of a data set, which DuckDB makes when they are not there yet. */
export async function makeFile(
  dataSet: DataSet,
  { rows, dataDirectory }: PartOptions,
): Promise<string> {
  const scratch = mkdtempSync(join(dataDirectory, 'make-'));
  const maker = await DuckDBPeer.open(scratch, 2);
  try {
    return await jsonLinesFile(dataSet, rows, dataDirectory, (sql) => maker.run(sql));
  } finally {
    await maker.close();
    rmSync(scratch, { recursive: true });
  }
}
