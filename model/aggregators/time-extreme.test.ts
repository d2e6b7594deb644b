import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { parseAggregator } from './registry.js';

const read = (spec: JsonObject) =>
  parseAggregator({ name: 't', fieldName: 'x', ...spec }, 'aggregations[0]');

const timeOf = (spec: JsonObject, type: ValueType, cells: readonly Value[]): Value => {
  const aggregator = read(spec);
  return aggregator.finalise(foldCells(aggregator, type, cells));
};

const MS = fc.integer({ min: -62e12, max: 250e12 });

test('the least and the greatest time, however rows lie in parts', () => {
  const cells = fc.array(fc.option(MS), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 4 }), fc.boolean(), (parts, areTexts) => {
      const shown = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
      const known = parts
        .flat()
        .filter((ms) => ms !== null)
        .sort((a, b) => a - b);
      for (const [type, expected] of [
        ['timeMin', known[0]],
        ['timeMax', known.at(-1)],
      ] as const) {
        const aggregator = read({ type });
        const state = parts
          .map((ms) =>
            foldCells(aggregator, areTexts ? 'STRING' : 'LONG', areTexts ? ms.map(shown) : ms),
          )
          .map((each) => aggregator.decode(structuredClone(aggregator.encode(each))))
          .reduce((a, b) => aggregator.combine(a, b), aggregator.initial());
        const text = aggregator.finalise(state) as string | null;
        expect(text === null ? null : Date.parse(text)).toBe(expected ?? null);
      }
    }),
  );
});

test.each<[JsonObject, ValueType, Value[], string | null]>([
  [
    { type: 'timeMin' },
    'STRING',
    ['2024-01-02', '1704067200000', 'never', null],
    '2024-01-01T00:00:00.000Z',
  ],
  [
    { type: 'timeMax' },
    'STRING',
    [['2024-01-02', null, '2024-01-03'], '2024'],
    '2024-01-03T00:00:00.000Z',
  ],
  [{ type: 'timeMax', timeFormat: 'posix' }, 'STRING', ['1704067200'], '2024-01-01T00:00:00.000Z'],
  [
    { type: 'timeMax', timeFormat: 'dd/MM/yyyy' },
    'STRING',
    ['02/01/2024'],
    '2024-01-02T00:00:00.000Z',
  ],
  [{ type: 'timeMax' }, 'DOUBLE', [1.5, -3], '1970-01-01T00:00:00.001Z'],
  [{ type: 'timeMax' }, 'COMPLEX<json>', [{}], null],
  [{ type: 'timeMin' }, 'STRING', ['never', null], null],
])('%j of %s %j', (spec, type, cells, expected) => {
  expect(timeOf(spec, type, cells)).toBe(expected);
});

test('results are in the order of time, and the stored column is merged', () => {
  const { compare } = read({ type: 'timeMax' });
  const later = timeOf({ type: 'timeMax' }, 'LONG', [300e12]);
  expect(compare(later, '2024-01-01T00:00:00.000Z')).toBeGreaterThan(0);
  expect(compare(null, '2024-01-01T00:00:00.000Z')).toBeLessThan(0);
  const combining = read({ type: 'timeMin' }).combining();
  expect(combining.spec).toEqual({ type: 'timeMin', name: 't', fieldName: 't' });
  expect(combining.finalise(foldCells(combining, 'LONG', [5, 3, null]))).toBe(
    '1970-01-01T00:00:00.003Z',
  );
});

test.each<[JsonObject, string]>([
  [{ type: 'timeMin', fieldName: '' }, 'aggregations[0].fieldName'],
  [{ type: 'timeMax', timeFormat: 'jj' }, 'aggregations[0].timeFormat'],
])('%j is refused', (spec, message) => {
  expect(() => read(spec)).toThrow(message);
});
