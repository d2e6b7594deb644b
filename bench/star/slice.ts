import type { ColumnVector, Value, VectorDictionary } from '../../model/index.js';
import type { BenchColumns } from '../ingest/columns.js';
import type { DataSet } from '../query/data-set.js';
import type { DuckDBPeer } from '../query/duckdb-peer.js';
import { rowsSql, SEED } from '../query/generate.js';
import { MACROS } from '../query/random.js';

/** Rows [from, to) of a data set of `rows`. */
export interface Slice {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The columns of some rows of a data set, which DuckDB makes. Texts come as codes of an ENUM, so that not each of millions
 * of them is brought here.
 */
export async function sliceColumns(
  { columns, ...dataSet }: DataSet,
  slice: Slice,
  duckdb: DuckDBPeer,
): Promise<BenchColumns> {
  const { rows, from, to } = slice;
  for (const macro of MACROS) await duckdb.run(macro);
  const all = rowsSql({ columns, ...dataSet }, rows, SEED, slice);
  await duckdb.run(`CREATE OR REPLACE TEMP TABLE slice AS ${all}`);
  const vectors = new Map<string, ColumnVector>();
  const rowCount = to - from;
  for (const { name, type } of columns) {
    if (type === 'varchar') vectors.set(name, await texts(name, rowCount, duckdb));
    else {
      const [values] = await duckdb.numbers(`SELECT "${name}" FROM slice`, rowCount);
      const kind = type === 'double' ? 'doubles' : 'integers';
      vectors.set(name, { kind, values: values!, nulls: null });
    }
  }
  const [timesMs] = await duckdb.numbers('SELECT epoch_ms(__time) FROM slice', rowCount);
  await duckdb.run('DROP TABLE slice');
  return { rowCount, timesMs: timesMs!, vectors };
}

async function texts(name: string, rowCount: number, duckdb: DuckDBPeer): Promise<ColumnVector> {
  const found = await duckdb.ask(`SELECT DISTINCT "${name}" AS t FROM slice ORDER BY t`);
  const values = found.rows().map(([text]) => text as string);
  await duckdb.run(
    `CREATE OR REPLACE TEMP TYPE codes AS ENUM (SELECT DISTINCT "${name}" AS t FROM slice ORDER BY t)`,
  );
  // Id 0 is null.
  const [ids] = await duckdb.numbers(`SELECT 1 + enum_code("${name}"::codes) FROM slice`, rowCount);
  const dictionary: VectorDictionary = {
    size: 1 + values.length,
    value: (id): Value => (id === 0 ? null : values[id - 1]!),
    areDistinct: true,
  };
  return { kind: 'ids', ids: Uint32Array.from(ids!), dictionary };
}
