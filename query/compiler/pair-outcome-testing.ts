import { atOnce, type JsonObject, ResourceLimitError, UserError } from '../../core/index.js';
import type { Aggregator, Value } from '../../model/index.js';
import { type GroupPartial, mergeGroups } from '../interpreter/group-partial.js';
import { segmentDecoder } from './decoder.js';
import type { Strategy } from './layout.js';
import { Difference, interpreted, type Job, jobOf } from './pair-job-testing.js';

/** For tests: what a scan came to: groups by key, or the error. */
export type Outcome =
  | {
      readonly kind: 'groups';
      readonly groups: ReadonlyMap<string, readonly Value[]>;
      /** Before equal groups met. */
      readonly groupCount: number;
      readonly rowsScanned: number;
      readonly visible: readonly number[];
    }
  | { readonly kind: 'error'; readonly error: unknown };

type Found = GroupPartial | readonly GroupPartial[];

/** Null where nothing was scanned. */
export function outcomeOf(job: Job, run: () => Found): Outcome;
export function outcomeOf(job: Job, run: () => Found | null): Outcome | null;
export function outcomeOf(job: Job, run: () => Found | null): Outcome | null {
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
  const { table, visible } = atOnce(
    mergeGroups(parts, dimensions.length, aggregations, length, 1e9),
  );
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

/** What is wrong with what was found; null where nothing is. */
export function differenceOf(
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
    // What is wrong with a plan, or with what aggregations filter, is not seen where indexes tell that no row is in question.
    const isHidden = found.groups.size === 0 || isOfFiltered(job);
    if (expected.error instanceof UserError && isHidden) return null;
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

/** Whether indexes are asked, and the interpreter finds nothing wrong without the aggregations that filter. */
function isOfFiltered({ pair, data }: Job): boolean {
  if (pair.indexes.kind === 'skipped') return false;
  const all = pair.query.aggregations as readonly JsonObject[];
  const aggregations = all.filter(({ type }) => type !== 'filtered');
  if (aggregations.length === all.length) return false;
  const others = jobOf({ ...pair, query: { ...pair.query, aggregations } }, data);
  // What is ordered by one of them is refused without it.
  return others === null || outcomeOf(others, () => interpreted(others)).kind === 'groups';
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
