import type { Turns } from '../../core/index.js';
import type { Aggregator, PlainInput, Value, ValueType } from '../../model/index.js';
import type { HyperLogLog } from '../../sketches/index.js';
import type { GroupBlocks } from '../compiler/group-blocks.js';
import type { FilterReport } from '../filter/filter-report.js';
import type { GroupDecoder, GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { Groups } from '../interpreter/groups.js';
import type { GroupRows } from '../interpreter/groups-segment.js';
import type { ScanTarget } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { NativeRows } from '../result.js';
import type { SpilledGroups } from '../spill/spilled.js';

/** Rows that a scan job collected, by column; COMPLEX values as bytes. */
export interface RowsPartial {
  readonly kind: 'rows';
  readonly rowCount: number;
  /** Parallel to the query's `orderBy`: the values that rows are ordered by, and their type where the segment has the column. */
  readonly keys: readonly (readonly Value[])[];
  readonly keyTypes: readonly (ValueType | null)[];
  /** Parallel to the query's columns; null type where the segment has no such column. */
  readonly types: readonly (ValueType | null)[];
  readonly columns: readonly (readonly unknown[])[];
  readonly rowsScanned: number;
  /** Whether a compiled kernel found the rows; null where there was no filter, or nothing to scan. */
  readonly compiled: boolean | null;
}

/** The first and last time of matching rows; null when there are none. */
export interface TimesPartial {
  readonly kind: 'times';
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly rowsScanned: number;
}

/** What a job sends back: plain columns that can cross a thread. */
export type PartialResult = (
  | GroupPartial
  | GroupBlocks
  | SpilledGroups
  | RowsPartial
  | TimesPartial
) &
  Reported;

/** What comes with a partial where the context's `explainFilter` asks for it: of its own job and of others. */
interface Reported {
  readonly filterReports?: readonly FilterReport[];
}

/** What is known of a segment's rows without reading them. */
export interface SegmentFacts {
  readonly rowCount: number;
  /** The times of its first and last row. */
  readonly minMs: number;
  readonly maxMs: number;
  /** The query interval that all its rows lie in; -1 when they lie in several or partly in none. */
  readonly interval: number;
  readonly intervalCount: number;
  /** True when the filter can match none of its rows. */
  readonly excluded: boolean;
  /** True when the filter matches all of its rows, or there is none. */
  readonly unfiltered: boolean;
  /** The sketch that all values of a column make; null where no index knows it. Absent where nobody was asked. */
  readonly distinct?: (input: PlainInput) => HyperLogLog | null;
}

/** A column of a table, or of a segment. */
export interface ColumnSchema {
  readonly name: string;
  readonly type: ValueType;
  readonly multiValue: boolean;
  readonly role: 'time' | 'dimension' | 'metric';
}

/** One job's answer and the segment it is of (null for inline rows). */
export interface JobResult<P extends PartialResult> {
  readonly partial: P;
  /** Tells what codes in the partial stand for; null when it has none. */
  readonly decoder: GroupDecoder | null;
  readonly segmentId: string | null;
}

export interface FinishLimits {
  readonly maxGroups: number;
  readonly maxResultRows: number;
}

/** True for an aggregator that shows its state. */
export type ShowsState = (aggregator: Aggregator) => boolean;

/** Who reads an answer: the client, or an outer query, as rows in their order or as groups in any. */
export type Reader = 'client' | 'rows' | 'groups';

/** What finishing needs beside the partials. */
export interface FinishContext {
  readonly limits: FinishLimits;
  /** Which aggregators show their state instead of its final value. */
  readonly showsState: ShowsState;
  /** An outer query reads the answer in whatever order: groups may be given instead of rows. */
  readonly takesGroups: boolean;
  readonly columns: readonly ColumnSchema[];
}

/** An answer before its statistics. */
export interface Outcome extends NativeRows {
  /** Instead of `rows`, where the context allows it. */
  readonly groups?: GroupRows;
}

/**
 * How one type of query is answered by scanning.
 *
 *     prepare ─► per (segment, row range): scan ─► partials in fixed order ─► finish
 *
 * Declared with methods, so that an engine of one query type fits the registry of all.
 */
export interface ScanEngine<
  Q extends NativeQuery = NativeQuery,
  P extends PartialResult = PartialResult,
> {
  /** Resolves what the query leaves to the table, such as "all columns". */
  prepare(query: Q, columns: readonly ColumnSchema[]): Q;
  /** The physical columns that `scan` reads, beside `__time`. */
  inputs(query: Q): readonly string[];
  /** A segment's answer from what is known of it, or null when it must be read. */
  withoutScan(query: Q, facts: SegmentFacts): P | null;
  /** How rows become groups; null for queries that make none. */
  groups(query: Q): GroupPlan | null;
  /**
   * Reads the rows of one job. Runs in a worker. Groups may be blocks where the target allows it; null where they went to
   * what it shares with others.
   */
  scan(query: Q, target: ScanTarget): P | GroupBlocks | null;
  /** Those of some groups that may be in the answer, if no other rows make these groups; null: all of them. */
  candidates(query: Q, groups: Groups): readonly number[] | null;
  /** The groups as rows for an outer query, where they are the answer as they are; else null. */
  asRows(query: Q, groups: Groups): GroupRows | null;
  /** True when these first partials suffice, be it to fail, and later jobs need not run. */
  enough(query: Q, partials: readonly P[], limits: FinishLimits): boolean;
  finish(query: Q, results: readonly JobResult<P>[], context: FinishContext): Turns<Outcome>;
}
