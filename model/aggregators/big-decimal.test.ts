import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { foldCells } from '../testing.js';
import type { Value, ValueType } from '../types.js';
import { shownState } from './aggregator.js';
import { parseAggregator } from './registry.js';

const read = (rule: string, spec: JsonObject = {}) =>
  parseAggregator(
    { type: `compressedBigDecimal${rule}`, name: 'd', fieldName: 'x', ...spec },
    'aggregations[0]',
  );

function resultOf(
  rule: string,
  spec: JsonObject,
  type: ValueType,
  ...parts: readonly (readonly Value[])[]
): Value {
  const aggregator = read(rule, spec);
  const state = parts
    .map((cells) => aggregator.encode(foldCells(aggregator, type, cells)))
    .map((wire) => aggregator.decode(structuredClone(wire)))
    .reduce((a, b) => aggregator.combine(a, b), aggregator.initial());
  expect(shownState(aggregator, state)).toBe(aggregator.finalise(state));
  return aggregator.finalise(state);
}

/** So many thousandths, as text. */
const thousandths = (count: bigint): string => {
  const digits = String(count < 0n ? -count : count).padStart(4, '0');
  return `${count < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
};

test('exact sums and extremes of texts, however rows lie in parts', () => {
  const count = fc.option(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }));
  fc.assert(
    fc.property(fc.array(fc.array(count, { maxLength: 6 }), { maxLength: 4 }), (counts) => {
      const parts = counts.map((part) =>
        part.map((each) => (each === null ? null : thousandths(each))),
      );
      const known = counts.flat().filter((each) => each !== null);
      const sorted = [...known].sort((a, b) => (a < b ? -1 : 1));
      const expected = {
        Sum: known.reduce((a, b) => a + b, 0n),
        Min: sorted[0],
        Max: sorted.at(-1),
      };
      for (const [rule, value] of Object.entries(expected)) {
        expect(resultOf(rule, { scale: 3 }, 'STRING', ...parts)).toBe(
          known.length === 0 ? null : thousandths(value!),
        );
      }
    }),
  );
});

test.each<[string, JsonObject, ValueType, Value[], string | null]>([
  ['Sum', {}, 'STRING', ['0.1', '0.2'], '0.300000000'],
  ['Sum', { scale: 1 }, 'DOUBLE', Array.from({ length: 10 }, () => 0.1), '1.0'],
  ['Sum', { scale: 0 }, 'LONG', [2n ** 62n, 2n ** 62n, 1], '9223372036854775809'],
  ['Sum', { scale: 2 }, 'STRING', ['1.001', '-1.009'], '0.00'],
  ['Max', { scale: 2 }, 'STRING', ['1.001'], '1.01'],
  ['Min', { scale: 2 }, 'STRING', ['-0.0001'], '-0.01'],
  ['Sum', { scale: 2 }, 'STRING', ['1e3', '5E-1', '+.5'], '1001.00'],
  ['Sum', {}, 'STRING', ['0.000000015'], '1.5E-8'],
  ['Sum', {}, 'STRING', ['0.000001'], '0.000001000'],
  ['Sum', {}, 'LONG', [0], '0E-9'],
  ['Max', { scale: 0 }, 'STRING', ['-5', 'none'], '0'],
  ['Sum', { scale: 0 }, 'STRING', [['7', '8'], null], '7'],
  ['Sum', { scale: 0, size: 1 }, 'LONG', [2 ** 31 - 1, 2 ** 31 - 1], '4294967294'],
  ['Sum', {}, 'COMPLEX<json>', [{}], null],
  ['Min', {}, 'LONG', [null], null],
])('%s %j of %s %o', (rule, spec, type, cells, expected) => {
  expect(resultOf(rule, spec, type, cells)).toBe(expected);
});

test.each<[JsonObject, ValueType, Value, string]>([
  [{ strictNumberParsing: true }, 'STRING', 'none', 'column "x" has "none", which is no number'],
  [{ strictNumberParsing: 'true' }, 'DOUBLE', Number.NaN, 'which is no number'],
  [{ size: 1, scale: 0 }, 'LONG', 2 ** 31, 'does not fit into size 1'],
  [{}, 'STRING', '1e999999999', 'does not fit into size 6'],
])('%j of %s %o is an error', (spec, type, cell, message) => {
  expect(() => resultOf('Sum', spec, type, [cell])).toThrow(message);
});

test('results are in the order of the numbers', () => {
  const { compare } = read('Sum');
  expect(compare('10.0', '9.0')).toBeGreaterThan(0);
  expect(compare('-10.0', '1.5E-8')).toBeLessThan(0);
  expect([compare(null, '0.0'), compare('1.0', null), compare('1.0', '1.00')]).toEqual([-1, 1, 0]);
});

test.each<[JsonObject, string]>([
  [{ size: 0 }, 'aggregations[0].size: want 1 to 1024'],
  [{ scale: -1 }, 'aggregations[0].scale: want 0 to 1024'],
  [{ strictNumberParsing: 7 }, 'aggregations[0].strictNumberParsing'],
  [{ fieldName: null }, 'aggregations[0].fieldName'],
])('%j is refused', (spec, message) => {
  expect(() => read('Sum', spec)).toThrow(message);
});
