import { expect, test } from 'vitest';
import type { Segment } from '../../segments/index.js';
import type { BaseQuery } from '../native/query.js';
import { PerSegment } from './per-segment.js';

const query = () => ({}) as BaseQuery;
const segment = (sortedByTime = true) => ({ sortedByTime }) as Segment;

test('a plan is worked out once for a query and a segment', () => {
  const plans = new PerSegment<number>(() => true);
  const [q1, q2, s1, s2] = [query(), query(), segment(), segment()];
  let made = 0;
  const get = (q: BaseQuery, s: Segment) => plans.get(q, s, () => made++);
  expect([get(q1, s1), get(q1, s2), get(q2, s1), get(q1, s1), get(q1, s2)]).toEqual([
    0, 1, 2, 0, 1,
  ]);
});

test('all of them go when there are too many', () => {
  const plans = new PerSegment<number>(() => true, 3);
  const q = query();
  const segments = Array.from({ length: 4 }, () => segment());
  let made = 0;
  const get = (i: number) => plans.get(q, segments[i]!, () => made++);
  expect([get(0), get(1), get(2), get(0), get(3)]).toEqual([0, 1, 2, 0, 3]);
  // The fourth was one too many: it is the only one now.
  expect([get(3), get(0), get(1), get(0)]).toEqual([3, 4, 5, 4]);
});

test('what an earlier snapshot came to is taken where it holds', () => {
  const plans = new PerSegment<number>((value) => value === 0);
  const q = query();
  const lineage = {};
  const snapshot = (sortedByTime: boolean) => ({ sortedByTime, lineage }) as Segment;
  let made = 0;
  const get = (s: Segment) => plans.get(q, s, () => made++);
  expect([get(snapshot(true)), get(snapshot(true)), get(snapshot(false))]).toEqual([0, 0, 1]);
  expect(get(snapshot(false))).toBe(2);
});
