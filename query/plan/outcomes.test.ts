import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import { assertReaching, expectSame } from '../../core/testing.js';
import { FALSE, parseFilter, TRUE } from '../../model/index.js';
import type { SegmentCursor } from '../../segments/index.js';
import { openRows, rowsOfSpec, TIME_SHAPES } from '../compiler/data-testing.js';
import { filter } from '../compiler/filters-testing.js';
import { factsOfPart } from './column-facts.js';
import { compileOutcomes, mayBeTrue } from './outcomes.js';

/** The filter, and what it says of each row; nothing for random filters that are none, or do not fit the columns. */
function answersOf(json: JsonObject, cursor: SegmentCursor) {
  try {
    const parsed = parseFilter(json);
    const predicate = parsed.predicate(cursor);
    const answers = Array.from({ length: cursor.rowCount }, (_, row) => {
      cursor.row = row;
      return predicate();
    });
    return [{ parsed, answers }];
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

const spec = fc.record({
  rowCount: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
  times: fc.constantFrom(...TIME_SHAPES),
  form: fc.constant('sealed' as const),
});

test('whatever a filter says of some row, the statistics of the columns allow it', async () => {
  let ruledOut = 0;
  await assertReaching(
    fc.property(spec, fc.array(filter, { minLength: 5, maxLength: 5 }), (data, filters) => {
      const { segment, close } = openRows(rowsOfSpec(data));
      const cursor = segment.cursor();
      const columns = new Map(segment.columns.map((column) => [column.name, column]));
      const part = {
        minTimeMs: segment.minTimeMs!,
        maxTimeMs: segment.maxTimeMs!,
        facts: {
          shardSpec: { type: 'numbered', partitionNum: 0, partitions: 1 } as const,
          column: (name: string) => columns.get(name) ?? null,
          indexes: () => [],
          trees: [],
        },
      };
      const facts = factsOfPart(part, new Map());
      for (const { parsed, answers } of filters.flatMap((json) => answersOf(json, cursor))) {
        const outcomes = compileOutcomes(parsed, new Set())(facts);
        if (!mayBeTrue(outcomes)) ruledOut++;
        for (const answer of answers) expectSame((outcomes & (1 << answer)) !== 0, true);
      }
      close();
    }),
    200,
    () => {
      expect(ruledOut).toBeGreaterThan(25);
    },
  );
});

const facts = (column: string) =>
  column === 'a'
    ? { type: 'STRING' as const, multiValue: false, min: 'd', max: 'm', hasNulls: true }
    : null;
const [is, isNot] = [1 << TRUE, 1 << FALSE];

test.each([
  [{ type: 'selector', dimension: 'a', value: 'c' }, false],
  [{ type: 'selector', dimension: 'a', value: 'd' }, true],
  [{ type: 'selector', dimension: 'a', value: null }, true],
  [{ type: 'in', dimension: 'a', values: ['a', 'z'] }, false],
  [{ type: 'in', dimension: 'a', values: ['a', 'e', 'z'] }, true],
  [{ type: 'in', dimension: 'a', values: ['a', null] }, true],
  [{ type: 'bound', dimension: 'a', lower: 'm', lowerStrict: true }, false],
  [{ type: 'bound', dimension: 'a', upper: 'd' }, true],
  [{ type: 'like', dimension: 'a', pattern: 'n%' }, false],
  [{ type: 'like', dimension: 'a', pattern: 'dx%' }, true],
  [{ type: 'not', field: { type: 'bound', dimension: 'a', lower: 'd', upper: 'm' } }, false],
  [{ type: 'selector', dimension: 'b', value: 'c' }, true],
])('from d to m, and null: %j may match: %j', (json, expected) => {
  const test = compileOutcomes(parseFilter(json), new Set());
  expect(mayBeTrue(test(facts))).toBe(expected);
});

test('nothing is known of a virtual column that has the name of a column', () => {
  const parsed = parseFilter({ type: 'selector', dimension: 'a', value: 'x' });
  expect(mayBeTrue(compileOutcomes(parsed, new Set())(facts))).toBe(false);
  expect(compileOutcomes(parsed, new Set(['a']))(facts) & (is | isNot)).toBe(is | isNot);
});
