import {
  ETERNITY,
  type Granularity,
  type Interval,
  periodGranularity,
} from '../../../model/index.js';
import type { Rex, RexCall, RexLiteral } from '../algebra/rex.js';
import { callOf } from '../functions/definition.js';
import * as op from '../functions/operators.js';
import { unwrapped } from '../functions/operators.js';
import { TIME_FLOOR } from '../functions/time-forms.js';

export interface BoundCondition {
  /** Sorted and disjoint: all of time when the condition says nothing of `__time`. */
  readonly intervals: readonly Interval[];
  /** What is left to filter by. */
  readonly rest: Rex | null;
}

/** Takes what a condition says of `__time` out of it, as intervals. Row times are never null, so this is exact. */
export function takeTimeBounds(condition: Rex | null): BoundCondition {
  if (condition === null) return { intervals: [ETERNITY], rest: null };
  const parts = condition.kind === 'call' && condition.fn === op.AND ? condition.args : [condition];
  let intervals: readonly Interval[] = [ETERNITY];
  const rest: Rex[] = [];
  for (const part of parts) {
    const found = rangesOf(part);
    if (found === null) rest.push(part);
    else intervals = both(intervals, found);
  }
  const remaining = rest.length > 1 ? callOf(op.AND, rest, condition.position) : (rest[0] ?? null);
  return { intervals, rest: remaining };
}

/** The times at which a condition holds that reads nothing but `__time`; null for any other condition. */
function rangesOf(rex: Rex): Interval[] | null {
  if (rex.kind !== 'call') return null;
  if (rex.fn === op.AND || rex.fn === op.OR) {
    const join = rex.fn === op.AND ? both : either;
    const parts = rex.args.map(rangesOf);
    return parts.reduce((a, b) => (a === null || b === null ? null : join(a, b)));
  }
  if (rex.fn === op.NOT) {
    const inner = rangesOf(rex.args[0]!);
    return inner === null ? null : complement(inner);
  }
  if (rex.fn === op.IN) return pointsOf(rex);
  return comparisonOf(rex);
}

function pointsOf({ args }: RexCall): Interval[] | null {
  const [operand, ...values] = args as [Rex, ...RexLiteral[]];
  if (!isRowTime(operand)) return null;
  return values
    .map((value) => comparing(op.EQUALS, null, value.value))
    .reduce((a, b) => (a === null || b === null ? null : either(a, b)));
}

function comparisonOf({ fn, args }: RexCall): Interval[] | null {
  const mirrored = op.MIRRORED.get(fn);
  if (mirrored === undefined) return null;
  const [left, right] = args.map(unwrapped) as [Rex, Rex];
  if (right.kind === 'literal') return compareTime(fn, left, right);
  return left.kind === 'literal' ? compareTime(mirrored, right, left) : null;
}

function compareTime(fn: RexCall['fn'], time: Rex, value: RexLiteral): Interval[] | null {
  if (isRowTime(time)) return comparing(fn, null, value.value);
  if (time.kind !== 'call' || time.fn !== TIME_FLOOR || !isRowTime(time.args[0]!)) return null;
  return comparing(fn, floorGranularity(time), value.value);
}

/** The buckets of a TIME_FLOOR of `__time`. */
function floorGranularity({ args }: RexCall): Granularity {
  const [period, origin, zone] = args.slice(1) as RexLiteral[];
  const originMs = typeof origin!.value === 'number' ? origin!.value : null;
  return periodGranularity(period!.value as string, originMs, zone!.value as string);
}

export function isRowTime(rex: Rex): boolean {
  const inner = unwrapped(rex);
  return inner.kind === 'field' && inner.name === '__time';
}

/**
 * The times t with `floor(t) fn value`. With buckets, every comparison of a floor turns on one
 * boundary: the first bucket start at or after the value (`>=`, `<`), or after it (`>`, `<=`).
 */
function comparing(
  fn: RexCall['fn'],
  buckets: Granularity | null,
  value: RexLiteral['value'],
): Interval[] | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const start = buckets === null ? Math.ceil(value) : buckets.bucketStart(Math.ceil(value));
  const exact = start === value;
  const after =
    buckets === null
      ? Math.floor(value) + 1
      : buckets.nextBucket(buckets.bucketStart(Math.floor(value)));
  const atOrAfter = exact ? start : after;
  const from = (startMs: number): Interval[] => clipped({ startMs, endMs: ETERNITY.endMs });
  const until = (endMs: number): Interval[] => clipped({ startMs: ETERNITY.startMs, endMs });
  switch (fn) {
    case op.GREATER_OR_EQUAL:
      return from(atOrAfter);
    case op.GREATER:
      return from(after);
    case op.LESS:
      return until(atOrAfter);
    case op.LESS_OR_EQUAL:
      return until(after);
    case op.EQUALS:
      return exact ? clipped({ startMs: start, endMs: after }) : [];
    case op.NOT_EQUALS:
      return complement(exact ? clipped({ startMs: start, endMs: after }) : []);
    default:
      return null;
  }
}

function clipped({ startMs, endMs }: Interval): Interval[] {
  const start = Math.max(startMs, ETERNITY.startMs);
  const end = Math.min(endMs, ETERNITY.endMs);
  return start < end ? [{ startMs: start, endMs: end }] : [];
}

/** Intersection of two sorted, disjoint lists. */
function both(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const shared: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const startMs = Math.max(a[i]!.startMs, b[j]!.startMs);
    const endMs = Math.min(a[i]!.endMs, b[j]!.endMs);
    if (startMs < endMs) shared.push({ startMs, endMs });
    if (a[i]!.endMs < b[j]!.endMs) i++;
    else j++;
  }
  return shared;
}

function complement(list: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let startMs = ETERNITY.startMs;
  for (const interval of list) {
    if (startMs < interval.startMs) gaps.push({ startMs, endMs: interval.startMs });
    startMs = interval.endMs;
  }
  if (startMs < ETERNITY.endMs) gaps.push({ startMs, endMs: ETERNITY.endMs });
  return gaps;
}

/** Union, by De Morgan's law. */
const either = (a: readonly Interval[], b: readonly Interval[]): Interval[] =>
  complement(both(complement(a), complement(b)));
