import type { Query, Tag } from './data-set.js';

/** The best `limit` groups of one dimension, which Varve answers by Druid's topN. */
export interface TopN {
  readonly id: string;
  readonly tags: readonly Tag[];
  /** The dimension's SQL, which must be the first thing selected. */
  readonly dimension: string;
  /** The selected aggregates. */
  readonly select: string;
  /** Table and filter. */
  readonly from: string;
  /** Alias of the aggregate that ranks. */
  readonly by: string;
  readonly limit?: number;
}

/**
 * A topN orders by the aggregate alone and breaks ties by the dimension; peers have to be told to,
 * and Varve must not be, or it would plan a group-by.
 */
export function topN({ id, tags, dimension, select, from, by, limit = 10 }: TopN): Query {
  const text = `SELECT ${dimension}, ${select} FROM ${from} GROUP BY ${dimension} ORDER BY ${by} DESC`;
  const peers = `${text}, ${dimension} LIMIT ${limit}`;
  return { id, tags, varve: `${text} LIMIT ${limit}`, duckdb: peers, clickhouse: peers };
}

/** A query with APPROX_COUNT_DISTINCT in the given columns of its answer; `peer` is ClickHouse's name of it. */
export function approximately(
  query: Pick<Query, 'id' | 'tags' | 'varve'>,
  columns: readonly number[],
  { peer = 'uniq', within }: { readonly peer?: string; readonly within?: number } = {},
): Query {
  const call = 'APPROX_COUNT_DISTINCT(';
  return {
    ...query,
    clickhouse: query.varve.replaceAll(call, `${peer}(`),
    approximate: { exact: query.varve.replaceAll(call, 'COUNT(DISTINCT '), columns, within },
  };
}

/** A query whose COUNT(DISTINCT …) Varve shall not estimate. */
export function exactly(query: Query): Query {
  return { ...query, context: { useApproximateCountDistinct: false } };
}

/**
 * AVG of whole numbers: Druid's is a whole number, the peers' a double. Varve is given the sum and
 * the count, of which it makes its averages anyway.
 */
export function withAverage(query: Query): Query {
  const { varve, duckdb = varve, clickhouse = varve } = query;
  return { ...query, varve: sumsByCounts(varve), duckdb, clickhouse };
}

const sumsByCounts = (sql: string): string =>
  sql.replace(/\bAVG\(([^()]*(?:\([^()]*\))?[^()]*)\)/g, 'SUM($1) * 1.0 / COUNT(*)');
