import type { Value } from '../../../model/index.js';
import type { AggregateCall, Rex } from './rex.js';
import type { SqlType } from './types.js';

export interface RelColumn {
  readonly name: string;
  readonly type: SqlType;
}

interface WithColumns {
  /** What it gives, in order. */
  readonly columns: readonly RelColumn[];
}

/**
 * The relational tree: what a statement means, before it is decided which native queries answer
 * it. Expressions refer to the columns of the input by position.
 */
export type Rel =
  | TableRel
  | SystemRel
  | LookupRel
  | ValuesRel
  | FilterRel
  | ProjectRel
  | AggregateRel
  | SortRel
  | UnionRel;

interface TableRel extends WithColumns {
  readonly kind: 'table';
  readonly name: string;
}

/** A table of INFORMATION_SCHEMA or sys: its rows are made when the statement runs. */
interface SystemRel extends WithColumns {
  readonly kind: 'system';
  readonly schema: string;
  readonly name: string;
}

/** The pairs of a registered lookup: `k` and `v`. */
interface LookupRel extends WithColumns {
  readonly kind: 'lookup';
  readonly name: string;
}

interface ValuesRel extends WithColumns {
  readonly kind: 'values';
  readonly rows: readonly (readonly Value[])[];
}

interface FilterRel extends WithColumns {
  readonly kind: 'filter';
  readonly input: Rel;
  readonly condition: Rex;
}

export interface ProjectRel extends WithColumns {
  readonly kind: 'project';
  readonly input: Rel;
  readonly expressions: readonly Rex[];
}

/** Columns: the groups, then the calls. */
export interface AggregateRel extends WithColumns {
  readonly kind: 'aggregate';
  readonly input: Rel;
  readonly groups: readonly Rex[];
  /** Indexes into `groups` for each grouping set; null for the one set of all groups. */
  readonly sets: readonly (readonly number[])[] | null;
  readonly calls: readonly AggregateCall[];
}

export interface SortKey<Key> {
  readonly key: Key;
  readonly descending: boolean;
  /** Nulls are lowest unless the statement says otherwise. */
  readonly nullsFirst: boolean;
}

export interface SortRel extends WithColumns {
  readonly kind: 'sort';
  readonly input: Rel;
  /** Keys are column positions. */
  readonly keys: readonly SortKey<number>[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface UnionRel extends WithColumns {
  readonly kind: 'union';
  readonly inputs: readonly Rel[];
}
