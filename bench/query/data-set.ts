/** A table of made-up rows. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** SQL of the row's time, a TIMESTAMP; the column is called __time. */
  readonly time: string;
  /**
   * Expressions that columns share, by name: the random ranks from which several columns follow.
   * They are computed once per row, before the columns.
   */
  readonly ranks: Readonly<Record<string, string>>;
  /** Varve's time chunk. */
  readonly segmentGranularity: string;
  /** What ClickHouse sorts by. Varve and DuckDB get the rows sorted by time. */
  readonly clickhouseOrder: string;
}

/** A table, what is loaded beside it, and questions about it. */
export interface DataSet extends Table {
  /** Tables that it is joined with. */
  readonly sides?: readonly SideTable[];
  /** Varve's lookups by name: SQL of their keys and values, over the sides. */
  readonly lookups?: Readonly<Record<string, string>>;
  readonly queries: readonly Query[];
}

/** In its SQL, `row` is the key: from 0. */
export interface SideTable extends Table {
  /** How many rows it has when the data set has so many. */
  readonly rowsFor: (rows: number) => number;
}

/** Questions that are averaged together. Those about one data set share its load. */
export interface QueryClass {
  readonly name: string;
  readonly dataSet: DataSet;
  readonly queries: readonly Query[];
}

/** All tables of a data set with their numbers of rows. */
export const tablesOf = (
  dataSet: DataSet,
  rows: number,
): readonly { readonly table: Table; readonly rows: number }[] => [
  { table: dataSet, rows },
  ...(dataSet.sides ?? []).map((table) => ({ table, rows: table.rowsFor(rows) })),
];

export type ColumnType = 'varchar' | 'tinyint' | 'smallint' | 'integer' | 'bigint' | 'double';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** DuckDB SQL over `i`, the row's number, `n`, how many rows there are, and the ranks. */
  readonly sql: string;
  /** Few distinct values: ClickHouse keeps the column as LowCardinality, as its users would. */
  readonly few?: boolean;
  readonly nullable?: boolean;
}

/** One question, in Varve's SQL; a peer's own text where the dialect differs, a native query where Varve's SQL cannot say it. */
export interface Query {
  readonly id: string;
  readonly tags: readonly Tag[];
  readonly varve: string;
  /** Instead of `varve`, which is then for the peers alone. */
  readonly native?: Readonly<Record<string, unknown>>;
  readonly duckdb?: string;
  readonly clickhouse?: string;
  /** Varve's query context. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  /** DuckDB SQL of the exact answer, and which of its columns engines may miss, by 5 % unless said otherwise. */
  readonly approximate?: {
    readonly exact: string;
    readonly columns: readonly number[];
    /** As a share. */
    readonly within?: number | undefined;
    /** Instead: for each of these columns, which are the last ones, the exact answer has the least and the greatest value that it may have. */
    readonly isRange?: boolean;
  };
}

export type Tag =
  | 'scan'
  | 'filter'
  | 'timeseries'
  | 'topN'
  | 'rollup'
  | 'highCardinality'
  | 'distinct'
  | 'distinctBy'
  | 'quantilesBy'
  | 'like'
  | 'expression'
  | 'lookup'
  | 'join'
  | 'joinTwice'
  | 'quantiles'
  | 'kll'
  | 'manyGroups';

/** The text that an engine gets: SQL, of Varve also a native query in JSON. */
export function textFor(query: Query, engine: 'varve' | 'duckdb' | 'clickhouse'): string {
  if (engine === 'varve' && query.native) return JSON.stringify(query.native);
  return query[engine] ?? query.varve;
}

const VARVE_TYPES: Readonly<Record<ColumnType, string>> = {
  varchar: 'string',
  tinyint: 'long',
  smallint: 'long',
  integer: 'long',
  bigint: 'long',
  double: 'double',
};

/** Varve's task: every column a dimension of its type, no rollup. */
export function ingestionSpec(
  dataSet: Table,
  file: string,
  format: 'parquet' | 'json' = 'parquet',
): object {
  const dimensions = dataSet.columns.map(({ name, type }) => ({ type: VARVE_TYPES[type], name }));
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: dataSet.name,
        timestampSpec: { column: '__time', format: 'auto' },
        dimensionsSpec: { dimensions },
        granularitySpec: {
          segmentGranularity: dataSet.segmentGranularity,
          queryGranularity: 'NONE',
          rollup: false,
        },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', files: [file] },
        inputFormat: { type: format },
        appendToExisting: false,
      },
      tuningConfig: { type: 'index_parallel' },
    },
  };
}

const CLICKHOUSE_TYPES: Readonly<Record<ColumnType, string>> = {
  varchar: 'String',
  tinyint: 'Int8',
  smallint: 'Int16',
  integer: 'Int32',
  bigint: 'Int64',
  double: 'Float64',
};

function clickhouseType({ type, few, nullable }: Column): string {
  const plain = CLICKHOUSE_TYPES[type];
  const withNull = nullable ? `Nullable(${plain})` : plain;
  return few && type === 'varchar' ? `LowCardinality(${withNull})` : withNull;
}

/** ClickHouse's table, with types as its documentation recommends them. */
export function clickhouseTable(dataSet: Table, codec: 'LZ4' | 'ZSTD' = 'LZ4'): string {
  // LZ4 is what it takes by itself.
  const suffix = codec === 'LZ4' ? '' : ` CODEC(${codec})`;
  const columns = dataSet.columns.map(
    (column) => `"${column.name}" ${clickhouseType(column)}${suffix}`,
  );
  return `CREATE TABLE ${dataSet.name} (__time DateTime('UTC')${suffix}, ${columns.join(', ')})
    ENGINE = MergeTree ORDER BY (${dataSet.clickhouseOrder})`;
}
