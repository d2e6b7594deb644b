import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { complexType } from '../complex-types.js';
import { TestRows } from '../testing.js';
import { complexName, isComplexType, type Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { parseAggregator } from './registry.js';

const COLUMNS = {
  __time: { type: 'LONG' },
  s: { type: 'STRING', dictionary: true },
  m: { type: 'STRING', multiValue: true },
  l: { type: 'LONG' },
  w: { type: 'LONG' },
  d: { type: 'DOUBLE' },
  f: { type: 'FLOAT' },
} as const;

type Row = Record<keyof typeof COLUMNS, Value>;

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 3 });
const text = fc.constantFrom('', 'a', 'b', '1', '2.5', '-3', 'x9', 'é😀é');
/** Halves: sums of them are exact, so that the order of additions does not matter. */
const half = fc.integer({ min: -50, max: 50 }).map((n) => n / 2);
const row: fc.Arbitrary<Row> = fc.record({
  __time: fc.integer({ min: 0, max: 5 }),
  s: nullable(text),
  m: fc.oneof(nullable(text), fc.array(nullable(text), { minLength: 2, maxLength: 3 })),
  l: nullable(fc.integer({ min: -1000, max: 1000 })),
  w: nullable(fc.oneof(fc.integer(), fc.constantFrom(9007199254740993n, 9223372036854775807n))),
  d: nullable(half),
  f: nullable(half),
});

const numeric = (type: string) =>
  ['s', type.startsWith('long') ? 'w' : 'l', 'd', 'f'].map((fieldName) => ({ type, fieldName }));
const timed = ['long', 'double', 'float', 'string'].flatMap((type) =>
  ['First', 'Last', 'Any'].map((which) => ({ type: `${type}${which}`, fieldName: 's' })),
);
const SPECS: JsonObject[] = [
  { type: 'count' },
  ...['longSum', 'doubleSum', 'floatSum'].flatMap(numeric),
  ...['longMin', 'longMax', 'doubleMin', 'doubleMax', 'floatMin', 'floatMax'].flatMap(numeric),
  ...['doubleMean', 'min', 'max'].flatMap(numeric),
  ...timed,
  { type: 'stringLast', fieldName: 'm', timeColumn: 'l', maxStringBytes: 4 },
  { type: 'stringAny', fieldName: 'm', aggregateMultipleValues: false },
  { type: 'hyperUnique', fieldName: 's' },
  { type: 'hyperUnique', fieldName: 'm', round: true },
  { type: 'cardinality', fields: ['s', 'm'] },
  { type: 'cardinality', fields: ['s', { type: 'default', dimension: 'l' }], byRow: true },
  ...['s', 'm', 'w', 'd'].flatMap((fieldName) => [
    { type: 'thetaSketch', fieldName, size: 16 },
    { type: 'HLLSketchBuild', fieldName, lgK: 4 },
    { type: 'quantilesDoublesSketch', fieldName },
  ]),
  {
    type: 'HLLSketchBuild',
    fieldName: 's',
    round: true,
    tgtHllType: 'HLL_8',
    stringEncoding: 'utf8',
  },
  { type: 'grouping', groupings: ['s'] },
  {
    type: 'filtered',
    filter: { type: 'selector', dimension: 's', value: 'a' },
    aggregator: { type: 'longSum', name: 'out', fieldName: 'l' },
  },
].map((spec) => ({ ...spec, name: 'out' }));

function fold(aggregator: Aggregator, rows: readonly Row[]): State {
  const source = new TestRows(COLUMNS, rows);
  const accumulator = aggregator.accumulator(source);
  let state = aggregator.initial();
  source.forEach(() => {
    state = accumulator.fold(state);
  });
  return state;
}

const wired = (aggregator: Aggregator, state: State) =>
  aggregator.decode(structuredClone(aggregator.encode(state)));

/** The state through a stored column and back. */
function stored(aggregator: Aggregator, state: State): State {
  if (state === null || !isComplexType(aggregator.storedType)) return state;
  const serde = complexType(complexName(aggregator.storedType));
  return serde.decode(serde.encode(state as object));
}

const names = SPECS.map((spec) => ({ title: JSON.stringify(spec), spec }));

describe.each(names)('$title', ({ spec }) => {
  const aggregator = parseAggregator(spec, 'aggregations[0]');
  const rows = fc.array(row, { maxLength: 12 });
  const three = fc.tuple(rows, rows, rows);
  const result = (state: State) => aggregator.finalise(state);

  test('parts fold and combine to the whole, in any grouping, over the wire', () => {
    fc.assert(
      fc.property(three, (parts) => {
        const whole = result(fold(aggregator, parts.flat()));
        const state = (i: number) => wired(aggregator, fold(aggregator, parts[i]!));
        const { combine } = aggregator;
        expect(result(combine(combine(state(0), state(1)), state(2)))).toEqual(whole);
        expect(result(combine(state(0), combine(state(1), state(2))))).toEqual(whole);
        expect(result(combine(aggregator.initial(), fold(aggregator, parts.flat())))).toEqual(
          whole,
        );
        expect(result(combine(fold(aggregator, parts.flat()), aggregator.initial()))).toEqual(
          whole,
        );
      }),
      { numRuns: 40 },
    );
  });

  test('combine leaves its second state alone', () => {
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        const second = fold(aggregator, b);
        const before = structuredClone(aggregator.encode(second));
        const merged = aggregator.combine(fold(aggregator, a), second);
        aggregator.combine(merged, fold(aggregator, c));
        aggregator.combine(aggregator.combine(aggregator.initial(), second), fold(aggregator, c));
        expect(aggregator.encode(second)).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  test('combining() over stored states gives the whole', () => {
    const combining = aggregator.combining();
    fc.assert(
      fc.property(three, (parts) => {
        if (spec.type === 'count' && parts.flat().length === 0) return;
        const cells = parts.map((part) => stored(aggregator, fold(aggregator, part)));
        const source = new TestRows(
          { out: { type: aggregator.storedType } },
          cells.map((out) => ({ out })),
        );
        const accumulator = combining.accumulator(source);
        let state = combining.initial();
        source.forEach(() => {
          state = accumulator.fold(state);
        });
        expect(combining.finalise(state)).toEqual(result(fold(aggregator, parts.flat())));
      }),
      { numRuns: 40 },
    );
    expect(combining.name).toBe('out');
    expect(combining.storedType).toBe(aggregator.storedType);
  });

  test('its spec parses to an equal aggregator', () => {
    const again = parseAggregator(aggregator.spec, 'aggregations[0]');
    const combined = parseAggregator(aggregator.combining().spec, 'aggregations[0]');
    expect([again.inputs, again.storedType, again.resultType]).toEqual([
      aggregator.inputs,
      aggregator.storedType,
      aggregator.resultType,
    ]);
    expect([combined.name, combined.storedType]).toEqual(['out', aggregator.storedType]);
  });
});
