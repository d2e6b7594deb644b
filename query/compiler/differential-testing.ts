import { type JsonObject, ResourceLimitError, stringifyJson, UserError } from '../../core/index.js';
import { type Aggregator, compareValues, type Value } from '../../model/index.js';
import { scanEngineOf } from '../engines/registry.js';
import { indexedGroups, indexedSelector } from '../filter/indexed-rows.js';
import { withNaiveIndexes } from '../filter/naive-index-testing.js';
import {
  encodeGroups,
  type GroupPartial,
  mergeGroups,
  noGroups,
} from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import { mergesLate } from '../interpreter/merged-states.js';
import type { RowRange, ScanTarget, ScratchSlot } from '../interpreter/target.js';
import {
  interpretedSelector,
  type OpenScan,
  openScan,
  type RowSelector,
  RowWalk,
  walk,
} from '../interpreter/walk.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { OpenData } from './data-testing.js';
import { segmentDecoder } from './decoder.js';
import type { EntryGroups } from './entry-groups.js';
import { guardRoom, type RoomCheck } from './guard-room-testing.js';
import type { Strategy } from './layout.js';
import { mergeCapacity, partitionRanges } from './merge-plan.js';
import { compiledGroups, mergedGroups } from './scan-groups.js';
import { compiledSelector } from './select-rows.js';

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

/** What a scan came to: groups by key, or the error. */
type Outcome =
  | {
      readonly kind: 'groups';
      readonly groups: ReadonlyMap<string, readonly Value[]>;
      /** Before equal groups met. */
      readonly groupCount: number;
      readonly rowsScanned: number;
      readonly visible: readonly number[];
    }
  | { readonly kind: 'error'; readonly error: unknown };

/** The compiled and the interpreted answer differ. */
export class Difference extends Error {}

interface Job {
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

/** Beside what a plan does by itself: groups by every strategy, or what is done with groups and rows elsewhere. */
export type Half = 'strategies' | 'others';

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
  const ranges = partitionRanges(merge.blocks, Math.min(job.pair.mergedAtOnce, capacity));
  const merged = ranges.map((range) =>
    mergedGroups(merge, range, (groups, partial) => {
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

function targetOf({ data, query, pair }: Job): ScanTarget {
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

function interpreted(job: Job): GroupPartial {
  const scan = openScan(targetOf(job), job.query.virtualColumns);
  const grouper = new RowGrouper(scan, job.plan);
  const { visible, rowsScanned } = walk(scan, interpretedSelector(scan, job.query.filter), () =>
    grouper.add(),
  );
  return encodeGroups(grouper.table, job.plan.aggregations, visible, rowsScanned);
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

type Found = GroupPartial | readonly GroupPartial[];

function outcomeOf(job: Job, run: () => Found): Outcome;
function outcomeOf(job: Job, run: () => Found | null): Outcome | null;
function outcomeOf(job: Job, run: () => Found | null): Outcome | null {
  try {
    const found = run();
    if (found === null) return null;
    return mergedOutcome(job, 'kind' in found ? [found] : found);
  } catch (error) {
    if (error instanceof Difference) throw error;
    return { kind: 'error', error };
  }
}

/** As the groups are when they have been merged and finalised. */
function mergedOutcome({ plan, query, data }: Job, partials: readonly GroupPartial[]): Outcome {
  const { dimensions, aggregations } = plan;
  const decoder = segmentDecoder(query, plan, () => data.segment);
  const parts = partials.map((partial) => ({ partial, decoder }));
  const { length } = query.intervals;
  const { table, visible } = mergeGroups(parts, dimensions.length, aggregations, length, 1e9);
  const groups = new Map<string, readonly Value[]>();
  for (let group = 0; group < table.groupCount; group++) {
    const values = dimensions.map((_, i) => valueText(table.value(i, group)));
    const key = [table.bucket(group), ...values].join(' | ');
    if (groups.has(key)) throw new Difference(`group ${key} is there twice`);
    const states = table.statesOf(group);
    groups.set(
      key,
      aggregations.map((_, i) => states.finalised(i)),
    );
  }
  return {
    kind: 'groups',
    groups,
    groupCount: partials.reduce((sum, { groupCount }) => sum + groupCount, 0),
    rowsScanned: partials.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0),
    visible: [...visible.minMs, ...visible.maxMs],
  };
}

/** Tells a number from a text, and a bigint from a number. */
function valueText(value: Value): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(valueText).join()}]`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function differenceOf(
  job: Job,
  expected: Outcome,
  found: Outcome | null,
  strategy: Strategy | undefined,
): string | null {
  if (found === null) return null;
  if (found.kind === 'error') {
    const { error } = found;
    // No table of all groups fits into the room there is: nobody would have wanted one.
    if (strategy === 'dense' && error instanceof ResourceLimitError) return null;
    if (expected.kind === 'error' && nameOf(error) === nameOf(expected.error)) return null;
    return `fails: ${shownError(error)}`;
  }
  if (expected.kind === 'error') {
    // What is wrong with a plan for the rows of a segment is not seen where indexes tell that there are none.
    if (found.groups.size === 0 && expected.error instanceof UserError) return null;
    return `does not fail, want: ${shownError(expected.error)}`;
  }
  if (found.rowsScanned !== expected.rowsScanned) {
    return `scanned ${found.rowsScanned} rows, want ${expected.rowsScanned}`;
  }
  if (!found.visible.every((ms, i) => Object.is(ms, expected.visible[i]))) {
    return `visible times ${found.visible}, want ${expected.visible}`;
  }
  return groupsDifference(job, expected.groups, found.groups);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.constructor.name : '');

const shownError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

function groupsDifference(
  job: Job,
  expected: ReadonlyMap<string, readonly Value[]>,
  found: ReadonlyMap<string, readonly Value[]>,
): string | null {
  for (const key of found.keys()) if (!expected.has(key)) return `group ${key} should not be`;
  for (const [key, want] of expected) {
    const got = found.get(key);
    if (got === undefined) return `group ${key} is missing`;
    for (const [i, aggregator] of job.plan.aggregations.entries()) {
      if (isSame(got[i]!, want[i]!) || isRounding(job, key, i, got[i]!, want[i]!)) continue;
      return `${aggregator.name} of group ${key} is ${valueText(got[i]!)}, want ${valueText(want[i]!)}`;
    }
  }
  return null;
}

function isSame(got: Value, want: Value): boolean {
  if (Object.is(got, want)) return true;
  if (typeof got === 'number' && typeof want === 'number') {
    if (Number.isInteger(got) && Number.isInteger(want)) return got === want;
    return Math.abs(got - want) <= 1e-12 * Math.max(Math.abs(got), Math.abs(want));
  }
  return valueText(got) === valueText(want);
}

/** Of one addition, relative to what is added up. */
const ROUNDING = { DOUBLE: 2 ** -53, FLOAT: 2 ** -24 } as const;
/** The largest sums. */
const LARGEST = { DOUBLE: Number.MAX_VALUE, FLOAT: (2 - 2 ** -23) * 2 ** 127 } as const;

/**
 * Groups whose rows were added up in another order may differ by what rounding does to the sum of the sizes; where that is too
 * large for a sum, one order may overflow and another not.
 */
function isRounding(job: Job, key: string, i: number, got: Value, want: Value): boolean {
  const { form } = job.plan.aggregations[i]!;
  const type = sumType(form);
  if (type === null || typeof got !== 'number' || typeof want !== 'number') return false;
  const sizes = outcomeOf(job, () => interpreted(withSizes(job)));
  if (sizes.kind !== 'groups') return false;
  const size = Number(sizes.groups.get(key)?.[i] ?? 0);
  if (size > LARGEST[type] && !(Number.isFinite(got) && Number.isFinite(want))) return true;
  return Math.abs(got - want) <= size * sizes.rowsScanned * ROUNDING[type];
}

function sumType(form: Aggregator['form']): 'DOUBLE' | 'FLOAT' | null {
  if (form?.kind === 'filtered') return sumType(form.aggregator.form);
  return form?.kind === 'sum' && form.type !== 'LONG' ? form.type : null;
}

/** The same job with sums of absolute values, infinite ones left out, in place of sums. */
function withSizes(job: Job): Job {
  const aggregations = (job.pair.query.aggregations as JsonObject[]).map(sizeSpec);
  return jobOf({ ...job.pair, query: { ...job.pair.query, aggregations } }, job.data)!;
}

function sizeSpec(spec: JsonObject): JsonObject {
  const { type, name, aggregator, fieldName, expression } = spec;
  if (type === 'filtered') return { ...spec, aggregator: sizeSpec(aggregator as JsonObject) };
  if (type !== 'doubleSum' && type !== 'floatSum') return spec;
  const input = expression ?? JSON.stringify(fieldName);
  const size = `abs(cast(${input}, 'DOUBLE'))`;
  return { type: 'doubleSum', name, expression: `if(${size} <= ${LARGEST.DOUBLE}, ${size}, 0.0)` };
}

/** For messages. */
export const pairText = (pair: Pair): string => stringifyJson(pair);
