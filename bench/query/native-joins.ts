/** Native queries with joins, and the filters they need. */

export type Json = Readonly<Record<string, unknown>>;

/** What is joined to the rows before it, and under which prefix. */
export interface Join {
  readonly right: string | Json;
  readonly prefix: string;
  readonly on: string;
  readonly type?: 'LEFT';
}

/** A dimension of texts. */
export const text = (dimension: string): Json => ({
  type: 'default',
  dimension,
  outputName: dimension,
});
export const long = (dimension: string): Json => ({ ...text(dimension), outputType: 'LONG' });

export interface Grouped {
  readonly joins: readonly Join[];
  readonly dimensions: readonly Json[];
  readonly aggregation: Json;
  readonly filter?: Json;
  /** Names, with a minus where the greatest comes first. */
  readonly order?: readonly string[];
  readonly limit?: number;
}

/** A groupBy over `lineorder` and its joins, whose rows are lists. */
export function grouped({
  joins,
  dimensions,
  aggregation,
  filter,
  order = [],
  limit,
}: Grouped): Json {
  const columns = order.map((name) =>
    name.startsWith('-')
      ? { dimension: name.slice(1), direction: 'descending', dimensionOrder: 'numeric' }
      : {
          dimension: name,
          direction: 'ascending',
          dimensionOrder: name === 'd.d_year' ? 'numeric' : 'lexicographic',
        },
  );
  return {
    queryType: 'groupBy',
    dataSource: joins.reduce<string | Json>(
      (left, { right, prefix, on, type = 'INNER' }) => ({
        type: 'join',
        left,
        right,
        rightPrefix: `${prefix}.`,
        condition: on,
        joinType: type,
      }),
      'lineorder',
    ),
    intervals: ['1992-01-01/1999-01-01'],
    granularity: 'all',
    dimensions,
    aggregations: [aggregation],
    ...(filter && { filter }),
    ...(order.length > 0 && { limitSpec: { type: 'default', columns, ...(limit && { limit }) } }),
    context: { resultAsArray: true },
  };
}

/** The right side that a planner would make: some columns of the rows that a filter keeps. */
export const rowsOf = (dataSource: string, columns: readonly string[], filter?: Json): Json => ({
  type: 'query',
  query: {
    queryType: 'scan',
    dataSource,
    intervals: ['1900/2100'],
    columns,
    resultFormat: 'compactedList',
    ...(filter && { filter }),
  },
});

export const is = (column: string, value: string | number): Json => ({
  type: 'equals',
  column,
  matchValueType: typeof value === 'string' ? 'STRING' : 'LONG',
  matchValue: value,
});
export const within = (column: string, lower: string | number, upper: string | number): Json => ({
  type: 'range',
  column,
  matchValueType: typeof lower === 'string' ? 'STRING' : 'LONG',
  lower,
  upper,
});
export const oneOf = (column: string, values: readonly (string | number)[]): Json => ({
  type: 'or',
  fields: values.map((value) => is(column, value)),
});
export const all = (...fields: readonly Json[]): Json => ({ type: 'and', fields });
