import { type JsonObject, stringifyJson } from '../../core/index.js';
import { scanEngineOf } from '../engines/registry.js';
import { withNaiveIndexes } from '../filter/naive-index-testing.js';
import { encodeGroups, type GroupPartial } from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import type { RowRange, ScanTarget, ScratchSlot } from '../interpreter/target.js';
import { interpretedSelector, openScan, walk } from '../interpreter/walk.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { OpenData } from './data-testing.js';

/** For tests: one query over the rows of a segment, and how they are to be scanned. */
export interface Pair {
  readonly query: JsonObject;
  /** The rows of the job, in thousandths of all. */
  readonly extent: readonly [from: number, to: number];
  /** Where they are cut into ranges, in thousandths of them. */
  readonly cuts: readonly number[];
  /** Which of these ranges others take. */
  readonly skipped: readonly number[];
  readonly slot: ScratchSlot;
  /** Those that the segment has, or some that answer anyhow; taken where they are worth it, or always. */
  readonly indexes: { readonly kind: 'stored' | 'naive' | 'skipped'; readonly isForced: boolean };
  /** Groups that are merged at a time, at most. */
  readonly mergedAtOnce: number;
  /** What it is compared by; all where it is not said. */
  readonly half?: Half;
}

/** Beside what a plan does by itself: groups by every strategy, or what is done with groups and rows elsewhere. */
export type Half = 'strategies' | 'others';

/** The compiled and the interpreted answer differ. */
export class Difference extends Error {}

/** A pair whose query was read. */
export interface Job {
  readonly query: NativeQuery;
  readonly plan: GroupPlan;
  readonly data: OpenData;
  readonly pair: Pair;
}

const LIMITS = { maxGroups: 1_000_000, maxRows: 1_000_000 };

/** Null for a query that is refused before anything is scanned. */
export function jobOf(pair: Pair, data: OpenData): Job | null {
  let query: NativeQuery;
  try {
    const { kind, isForced } = pair.indexes;
    const context = {
      ...(pair.query.context as JsonObject | undefined),
      forceIndexes: isForced,
      skipIndexes: kind === 'skipped',
    };
    query = parseNativeQuery({ dataSource: 't', ...pair.query, context });
  } catch {
    return null;
  }
  const plan = scanEngineOf(query)!.groups(query)!;
  if (pair.indexes.kind !== 'naive') return { query, plan, data, pair };
  const segment = withNaiveIndexes(data.segment, pair.mergedAtOnce);
  return { query, plan, data: { ...data, segment }, pair };
}

export function targetOf({ data, query, pair }: Job): ScanTarget {
  const { rowCount, segment } = data;
  const [start, end] = pair.extent.map((each) => Math.floor((each * rowCount) / 1000));
  const extent = { from: start!, to: end! };
  const cuts = pair.cuts.map((cut) => start! + Math.floor((cut * (end! - start!)) / 1000));
  const rows = [extent.from, ...cuts, extent.to];
  const ranges = rows
    .slice(1)
    .map((to, i): RowRange => ({ from: rows[i]!, to }))
    .filter((_, i) => !pair.skipped.includes(i));
  return {
    segment,
    ranges: () => ranges,
    extent,
    spans: query.intervals,
    limits: LIMITS,
    scratchSlot: pair.slot,
    givesBlocks: 'never',
    checkCancelled: () => {},
  };
}

/** What the interpreter makes of it, which is right. */
export function interpreted(job: Job): GroupPartial {
  const scan = openScan(targetOf(job), job.query.virtualColumns);
  const grouper = new RowGrouper(scan, job.plan);
  const { visible, rowsScanned } = walk(scan, interpretedSelector(scan, job.query.filter), () =>
    grouper.add(),
  );
  return encodeGroups(grouper.table, job.plan.aggregations, visible, rowsScanned);
}

/** For messages. */
export const pairText = (pair: Pair): string => stringifyJson(pair);
