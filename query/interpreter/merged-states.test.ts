import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expectSame } from '../../core/testing.js';
import { type Aggregator, parseAggregator, type State } from '../../model/index.js';
import { entryOfLong, HyperLogLog } from '../../sketches/index.js';
import { MergedStates, mergesLate } from './merged-states.js';
import { type StateColumn, stateColumn } from './state-column.js';

const GROUPS = 5;

/** The numbers that each of some groups adds: one partial. */
const partial = fc.dictionary(
  fc.nat(GROUPS - 1).map(String),
  fc.tuple(fc.nat(300), fc.oneof(fc.nat(20), fc.nat(700))),
  { maxKeys: GROUPS },
);

function sketchOf([first, count]: readonly [number, number]): HyperLogLog {
  const sketch = new HyperLogLog();
  for (let i = 0; i < count; i++) sketch.addEntry(entryOfLong(first + i));
  return sketch;
}

function check(aggregator: Aggregator, columnOf: (states: readonly State[]) => StateColumn): void {
  expect(mergesLate(aggregator)).toBe(true);
  fc.assert(
    fc.property(fc.array(partial, { minLength: 1, maxLength: 5 }), (partials) => {
      const pieces = partials.reduce((sum, each) => sum + Object.keys(each).length, 0);
      const merged = new MergedStates(aggregator, pieces);
      const wanted: HyperLogLog[] = [];
      const numbers = new Map<string, number>();
      for (const each of partials) {
        // Groups are numbered as they come.
        const groups = Object.keys(each).map((key) => {
          const group = numbers.get(key) ?? numbers.size;
          numbers.set(key, group);
          return group;
        });
        const states = Object.values(each).map(sketchOf);
        merged.add(columnOf(states), Uint32Array.from(groups));
        for (const [i, group] of groups.entries()) {
          wanted[group] ??= new HyperLogLog();
          wanted[group].merge(states[i]!);
        }
      }
      for (const [group, sketch] of wanted.entries()) {
        expect(merged.finalised(group)).toBe(aggregator.finalise(sketch));
        expectSame(aggregator.encode(merged.state(group)), sketch.toBytes());
      }
    }),
    { numRuns: 50 },
  );
}

const hyperUnique = { type: 'hyperUnique', name: 'a', fieldName: 'x' };

it.each([
  hyperUnique,
  { ...hyperUnique, round: true },
  { type: 'filtered', filter: { type: 'null', column: 'x' }, aggregator: hyperUnique },
])('merges what is asked for: %j', (spec) => {
  const aggregator = parseAggregator(spec, 'aggregations[0]');
  const bytes = (states: readonly State[]) => states.map((state) => aggregator.encode(state));
  check(aggregator, (states) => stateColumn(bytes(states)));
  // States that lie one by one cannot be united as words.
  check(aggregator, bytes);
});
