import { compareValues } from '../../model/index.js';
import { indexedGroups, indexedSelector } from '../filter/indexed-rows.js';
import { type GroupPartial, noGroups } from '../interpreter/group-partial.js';
import { mergesLate } from '../interpreter/merged-states.js';
import type { ScanTarget } from '../interpreter/target.js';
import {
  interpretedSelector,
  type OpenScan,
  openScan,
  type RowSelector,
  RowWalk,
} from '../interpreter/walk.js';
import type { EntryGroups } from './entry-groups.js';
import { guardRoom, type RoomCheck } from './guard-room-testing.js';
import type { Strategy } from './layout.js';
import { mergeCapacity, partitionRanges } from './merge-plan.js';
import { Difference, interpreted, type Job, targetOf } from './pair-job-testing.js';
import { differenceOf, type Outcome, outcomeOf } from './pair-outcome-testing.js';
import { compiledGroups, mergedGroups } from './scan-groups.js';
import { compiledSelector } from './select-rows.js';

/** How a pair went. */
export interface Compared {
  readonly isCompiled: boolean;
  /** Rows are those that indexes tell. */
  readonly isIndexed: boolean;
  /** The rows that pass are found by a kernel. */
  readonly isSelected: boolean;
  /** The table of groups was full, and went to the output on the way. */
  readonly isEmptied: boolean;
  /** Groups of several jobs were merged as blocks. */
  readonly isMerged: boolean;
}

/** Throws Difference where the answers differ, or the rows that pass do. Of many pairs a half each is enough. */
export function comparePair(job: Job): Compared {
  const expected = outcomeOf(job, () => interpreted(job));
  const checkRoom = guardRoom(job.data, job.pair.slot);
  const { half } = job.pair;
  const found = (half === 'others' ? [undefined] : strategiesOf(job)).map((strategy) =>
    compareWith(job, expected, strategy, checkRoom),
  );
  const others = half === 'strategies' ? NOTHING_ELSE : compareOthers(job, expected, checkRoom);
  return {
    ...others,
    isCompiled: found[0] !== null,
    isSelected: expected.kind === 'groups' && compareRows(job, checkRoom),
    isEmptied: others.isEmptied || found.some(isEmptied),
  };
}

type Others = Pick<Compared, 'isIndexed' | 'isMerged' | 'isEmptied'>;

const NOTHING_ELSE: Others = { isIndexed: false, isMerged: false, isEmptied: false };

/** Sketches of few groups as those of many are made, groups of several jobs merged as blocks, rows that indexes tell. */
function compareOthers(job: Job, expected: Outcome, checkRoom: RoomCheck): Others {
  const hasSketches = job.plan.aggregations.some(mergesLate);
  const paired = (hasSketches ? (['dense', 'hash'] as const) : []).map((strategy) =>
    compareWith(job, expected, strategy, checkRoom, 0),
  );
  const merged = (['dense', 'hash'] as const).map((strategy) =>
    compareMerged(job, expected, strategy, checkRoom),
  );
  const few = outcomeOf(job, () => indexed(job));
  const fault = differenceOf(job, expected, few, undefined);
  if (fault !== null) throw new Difference(`rows of indexes: ${fault}`);
  return {
    isIndexed: few !== null,
    isMerged: merged.some((each) => each !== null),
    isEmptied: paired.some(isEmptied),
  };
}

const isEmptied = (outcome: Outcome | null): boolean =>
  outcome?.kind === 'groups' && outcome.groupCount > outcome.groups.size;

/**
 * The same over a snapshot that is seen before the one of the pair: what is to be remembered is made, and its answers are right. By
 * the own strategy alone: the others are compared over more rows, later.
 */
export function compareEarlier(job: Job): void {
  const expected = outcomeOf(job, () => interpreted(job));
  const checkRoom = guardRoom(job.data, job.pair.slot);
  compareWith(job, expected, undefined, checkRoom);
  if (expected.kind === 'groups') compareRows(job, checkRoom);
}

function strategiesOf({ plan }: Job): (Strategy | undefined)[] {
  const single: Strategy[] = plan.dimensions.length === 0 ? ['single'] : [];
  // The own one again: by what is remembered of the first time.
  return [undefined, 'dense', 'hash', ...single, undefined];
}

function compareWith(
  job: Job,
  expected: Outcome,
  strategy: Strategy | undefined,
  checkRoom: RoomCheck,
  fewSketches = Number.POSITIVE_INFINITY,
): Outcome | null {
  const found = outcomeOf(job, () => compiled(job, strategy, fewSketches));
  const fault = checkRoom() ?? differenceOf(job, expected, found, strategy);
  if (fault !== null) throw new Difference(`${strategy ?? 'own strategy'}: ${fault}`);
  return found;
}

/** Several jobs whose groups are merged as blocks. Null where they gave none. */
function compareMerged(
  job: Job,
  expected: Outcome,
  strategy: Strategy,
  checkRoom: RoomCheck,
): Outcome | null {
  const found = outcomeOf(job, () => mergedBlocks(job, strategy));
  const fault = checkRoom() ?? differenceOf(job, expected, found, strategy);
  if (fault !== null) throw new Difference(`merged blocks of ${strategy} groups: ${fault}`);
  return found;
}

/** Each range is a job. */
function mergedBlocks(job: Job, strategy: Strategy): GroupPartial[] | null {
  const target: ScanTarget = { ...targetOf(job), givesBlocks: 'always' };
  const { query, plan } = job;
  const found = [...target.ranges()].map((range) => {
    const scan = openScan({ ...target, ranges: () => [range] }, query.virtualColumns);
    return compiledGroups(scan, query, plan, { strategy, fewGroups: -1 });
  });
  const blocks = found.filter((each) => each?.kind === 'blocks');
  const [first] = blocks;
  if (first === undefined || blocks.length < found.length) return null;
  const merge = {
    query,
    plan,
    target,
    layout: first.layout,
    blocks: blocks.flatMap((each) => each.blocks),
  };
  const capacity = mergeCapacity(target.segment.scanMemory!, job.pair.slot.count, first.layout);
  const atOnce = Math.min(job.pair.mergedAtOnce, capacity);
  const ranges = partitionRanges(merge.blocks, atOnce, first.layout);
  const merged = ranges.map((range) =>
    mergedGroups(merge, range, ({ groups, partial }) => {
      checkOrders(job, groups);
      return { ...partial(null), rowsScanned: 0 };
    }),
  );
  const { dimensions, aggregations } = plan;
  const rest = blocks.map(({ visible, rowsScanned }) => ({
    ...noGroups(dimensions.length, aggregations.length, visible),
    rowsScanned,
  }));
  return [...merged, ...rest];
}

/** An order that is seen in entries is that of the values. */
function checkOrders({ plan }: Job, groups: EntryGroups): void {
  for (const [i, { outputType }] of plan.dimensions.entries()) {
    const order = groups.order(i);
    const compare = compareValues(outputType);
    for (let group = 1; order !== null && group < groups.groupCount; group++) {
      const want = Math.sign(compare(groups.value(i, group - 1), groups.value(i, group)));
      if (Math.sign(order(group - 1, group)) !== want)
        throw new Difference(`order of dimension ${i}`);
    }
  }
}

function compiled(
  job: Job,
  strategy: Strategy | undefined,
  fewSketches: number,
): GroupPartial | null {
  const scan = openScan(targetOf(job), job.query.virtualColumns);
  const options = strategy === undefined ? {} : { strategy, fewSketches };
  return compiledGroups(scan, job.query, job.plan, options) as GroupPartial | null;
}

/** Groups of the rows that indexes tell, however many. */
function indexed(job: Job): GroupPartial | null {
  const scan = openScan(targetOf(job), job.query.virtualColumns);
  const found = indexedGroups(scan, job.query, job.plan, Number.POSITIVE_INFINITY);
  return found === 'shared' ? null : found;
}

/** False where no kernel finds the rows that pass. */
function compareRows(job: Job, checkRoom: RoomCheck): boolean {
  const scan = openScan(targetOf(job), job.query.virtualColumns);
  const selectors = [
    compiledSelector(scan, job.query),
    indexedSelector(scan, job.query, Number.POSITIVE_INFINITY),
  ];
  const [isSelected] = selectors.map((selector) => {
    if (selector !== null) compareSelected(job, scan, selector, checkRoom);
    return selector !== null;
  });
  return isSelected!;
}

function compareSelected(
  job: Job,
  scan: OpenScan,
  selector: RowSelector,
  checkRoom: RoomCheck,
): void {
  const found = rowsOf(scan, selector, job.pair.slot.index > 0);
  const expected = rowsOf(scan, interpretedSelector(scan, job.query.filter), false);
  const row = Array.from(expected).findIndex((each, i) => each !== found[i]);
  const fault = checkRoom() ?? (row < 0 && found.length === expected.length ? null : `row ${row}`);
  if (fault !== null) throw new Difference(`rows that pass: ${fault}`);
}

/** Backward walks give the last piece first. */
function rowsOf(scan: OpenScan, selector: RowSelector, isBackward: boolean): number[] {
  const rows = Array.from(new RowWalk(scan, selector).pieces(isBackward), (piece) => [
    ...piece.rows,
  ]);
  return rows.flat().sort((a, b) => a - b);
}
