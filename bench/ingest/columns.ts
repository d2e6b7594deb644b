import {
  type ColumnReader,
  type ColumnVector,
  NONE_GRANULARITY,
  NULL_READER,
  type RowCursor,
  type Value,
  type VectorDictionary,
} from '../../model/index.js';
import type { SegmentSchema } from '../../segments/index.js';
import type { DataSet } from '../query/data-set.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { parquetFile } from '../query/generate.js';

/** All rows of a data set, by column. */
export interface BenchColumns {
  readonly rowCount: number;
  readonly timesMs: Float64Array;
  readonly vectors: ReadonlyMap<string, ColumnVector>;
}

/** Texts in order of appearance. */
class Texts implements VectorDictionary {
  readonly #texts: (string | null)[] = [null];
  readonly #ids = new Map<string | null, number>([[null, 0]]);

  get size(): number {
    return this.#texts.length;
  }

  value(id: number): Value {
    return this.#texts[id]!;
  }

  idOf(text: string | null): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
}

/** Reads the rows of the data set from its file, which is made when it is not there. */
export async function benchColumns(
  dataSet: DataSet,
  rows: number,
  dataDirectory: string,
  scratchDirectory: string,
): Promise<BenchColumns> {
  const duckdb = await DuckDBPeer.open(scratchDirectory, 2);
  try {
    const file = await parquetFile(dataSet, rows, dataDirectory, (sql) => duckdb.run(sql));
    const read = async (sql: string) =>
      (await duckdb.ask(`SELECT ${sql} FROM read_parquet('${file}')`)).rows();
    const times = await read('__time');
    const vectors = new Map<string, ColumnVector>();
    for (const { name, type } of dataSet.columns) {
      const cells = (await read(`"${name}"`)).map(([cell]) => cell ?? null);
      vectors.set(name, type === 'varchar' ? textVector(cells) : numberVector(cells));
    }
    return { rowCount: rows, timesMs: Float64Array.from(times, ([time]) => Number(time)), vectors };
  } finally {
    await duckdb.close();
  }
}

function textVector(cells: readonly unknown[]): ColumnVector {
  const dictionary = new Texts();
  const ids = Uint32Array.from(cells, (cell) => dictionary.idOf(cell as string | null));
  return { kind: 'ids', ids, dictionary };
}

const numberVector = (cells: readonly unknown[]): ColumnVector => ({
  kind: 'integers',
  values: Float64Array.from(cells, Number),
  nulls: null,
});

const STORED = {
  varchar: 'STRING',
  tinyint: 'LONG',
  smallint: 'LONG',
  integer: 'LONG',
  bigint: 'LONG',
  double: 'DOUBLE',
} as const;

/** Dimensions only, as they are. */
export const benchSchema = ({ name, columns }: DataSet): SegmentSchema => ({
  dataSource: name,
  dimensions: columns.map((column) => ({
    name: column.name,
    type: STORED[column.type],
    multiValueHandling: 'ARRAY',
  })),
  metrics: [],
  rollup: false,
  queryGranularity: NONE_GRANULARITY,
});

/** The rows as ingestion gives them. */
export function benchCursor({ rowCount, timesMs, vectors }: BenchColumns): RowCursor {
  const all = new Map<string, ColumnVector>(vectors);
  all.set('__time', { kind: 'integers', values: timesMs, nulls: null });
  const rows: RowCursor = {
    row: 0,
    rowCount,
    column(name): ColumnReader {
      const vector = all.get(name);
      if (vector === undefined) return NULL_READER;
      const get = (): Value => valueAt(vector, rows.row);
      const type = TYPES[vector.kind];
      return { type, multiValue: false, exists: true, get, vector };
    },
  };
  return rows;
}

const TYPES = { ids: 'STRING', integers: 'LONG', longs: 'LONG', doubles: 'DOUBLE' } as const;

function valueAt(vector: ColumnVector, row: number): Value {
  if (vector.kind === 'ids') return vector.dictionary.value(vector.ids[row]!);
  if (vector.kind === 'longs') throw new Error('no words here');
  return vector.values[row]!;
}
