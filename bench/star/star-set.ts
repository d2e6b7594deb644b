import type { DataSet } from '../query/data-set.js';

interface TreeDimensionSpec {
  readonly name: string;
  readonly granularity?: string;
  readonly skipStar?: boolean;
}

/** A star-tree as an ingestion spec asks for it. */
export interface TreeSpec {
  readonly dimensions: readonly (string | TreeDimensionSpec)[];
  readonly metrics: readonly Readonly<Record<string, unknown>>[];
  readonly maxLeafRecords: number;
}

/** A question of a dashboard: SQL, or a native query without its context. */
export interface StarQuery {
  readonly id: string;
  readonly query: string | Readonly<Record<string, unknown>>;
  /** No tree has what it takes: it tells what looking for one costs. */
  readonly isUnanswerable?: true;
}

/** A table, the trees that somebody who knows its dashboards would ask for, and these dashboards. */
export interface StarSet {
  /** Its rows come in order of time. */
  readonly dataSet: DataSet;
  readonly trees: readonly TreeSpec[];
  readonly queries: readonly StarQuery[];
}

export const sql = (id: string, query: string): StarQuery => ({ id, query });

export const native = (id: string, query: Readonly<Record<string, unknown>>): StarQuery => ({
  id,
  query,
});

export const unanswerable = (id: string, query: string): StarQuery => ({
  id,
  query,
  isUnanswerable: true,
});

/** An aggregator over a column, named by both. */
export const aggregate = (type: string, fieldName: string) => ({
  type,
  name: `${type} of ${fieldName}`,
  fieldName,
});

export const COUNT = { type: 'count', name: 'count' };

/** A dimension that a later one of its tree tells: a star instead of it would only store the rest twice. */
export const told = (name: string) => ({ name, skipStar: true });
