import type { JsonObject } from '../../../core/index.js';

/** Which star-trees a table should have, going by the queries that it was asked. Plain data. */
export interface Advice {
  readonly table: string;
  /** What was asked, as far as the query log has it. */
  readonly logged: { readonly queries: number; readonly shapes: number; readonly totalMs: number };
  /** Where things were measured; null where the table has no published segment that can be read. */
  readonly segment: MeasuredSegment | null;
  /** The most useful one first. */
  readonly proposals: readonly Proposal[];
  /** Of what was asked, what none of these answers, and why: what took longest first. */
  readonly unanswered: readonly UnansweredQuery[];
}

export interface MeasuredSegment {
  readonly id: string;
  readonly rows: number;
  /** Of its columns and indexes. */
  readonly sizeBytes: number;
}

export interface Proposal {
  /** As a member of `starTrees` in the `dataSchema` of an ingestion spec. */
  readonly tree: JsonObject;
  /** Of the logged time: what the queries took that it answers. */
  readonly timeShare: number;
  /** How many times sooner these queries are expected to be answered, all together. */
  readonly speedUp: number;
  readonly queries: readonly AnsweredQuery[];
  /** Expected of the measured segment. */
  readonly records: number;
  readonly sizeBytes: number;
  /** Of the segment's bytes. */
  readonly sizeShare: number;
  /** What it adds to the time that writing the segment takes, about. */
  readonly buildMs: number;
}

export interface LoggedQuery {
  /** What it is like, for people. */
  readonly query: string;
  readonly count: number;
  readonly totalMs: number;
  readonly timeShare: number;
}

export interface AnsweredQuery extends LoggedQuery {
  /** Of one query: rows that it looks at without the tree, and records (with the rows of segments that it cuts) with it. */
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export interface UnansweredQuery extends LoggedQuery {
  readonly reason: string;
}
