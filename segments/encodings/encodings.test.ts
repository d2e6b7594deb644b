import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONG_MAX, LONG_MIN, toLong } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import { type ArrayType, complexType, type ScalarType, type Value } from '../../model/index.js';
import { type Cell, cellOf } from '../cells.js';
import type { Encoding } from './encoding.js';
import { chooseEncoding, ENCODINGS } from './registry.js';
import { readAll, vectorOf, vectorsOf, writeInMemory } from './testing.js';
import { factsOf, type Vector } from './vector.js';

type Kind = ScalarType | ArrayType;

const pick = <T>(list: readonly T[], i: number): T => list[i % list.length]!;

const HOSTILE: Record<Kind, Value[][]> = {
  LONG: [
    [],
    [null],
    [0, null, 0],
    [7, 7, 7],
    [-1, 254, null],
    [0, 255],
    [0, 256],
    [5, 65540],
    [5, 65541],
    [-(2 ** 31), 2 ** 31 - 1],
    [0, 2 ** 32],
    [LONG_MIN, LONG_MAX, null, 0],
    [LONG_MAX, LONG_MAX - 3n, LONG_MAX - 300n],
    [LONG_MIN, LONG_MIN + 70000n],
    [2 ** 53 - 1, toLong(2n ** 53n + 5n), null],
    [-(2 ** 53 - 1), toLong(-(2n ** 53n)), toLong(-(2n ** 53n) - 1n)],
    [LONG_MIN, LONG_MIN],
    Array.from({ length: 300 }, (_, i) => 1_700_000_000_000 + 60_000 * (i % 250)),
    Array.from({ length: 40 }, (_, i) => (i % 9 === 0 ? null : -(2 ** 51) + 2 ** 40 * (i % 4096))),
    Array.from({ length: 60 }, (_, i) => pick<Value>([LONG_MIN, 7, LONG_MAX, null, -1], i)),
    Array.from({ length: 4000 }, (_, i) => LONG_MAX - 2n ** 45n * BigInt((i * 31) % 300)),
    Array.from({ length: 60 }, (_, i) => pick<Value>([-3, null, 4_000_000_000], i)),
  ],
  DOUBLE: [
    [],
    [null, null],
    [0, -0],
    [-0, -0, null],
    [Number.NaN, Number.NaN],
    [Number.NaN, 1, null, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, -0],
    [0.1, 0.1],
    Array.from({ length: 60 }, (_, i) => pick([null, 0.1, -Infinity, Infinity, 5e-324, 0], i)),
    Array.from({ length: 60 }, (_, i) => pick([0.1, -0], i)),
    Array.from({ length: 60 }, (_, i) => pick([0.1, Number.NaN], i)),
    Array.from({ length: 3000 }, (_, i) => ((i * 31) % 300) / 7),
  ],
  FLOAT: [
    [],
    [null],
    [Math.fround(0.1)],
    [0, -0, null, Number.NaN, Infinity],
    [-0, -0],
    Array.from({ length: 90 }, (_, i) => pick([null, Math.fround(0.1), -Infinity, 0], i)),
  ],
  STRING: [
    [],
    [null, null],
    ['', null, ''],
    ['\u{1F600}', '\uffff', 'a\u0000b', '\ufeffbom', 'ä', ' '],
    ['__proto__', 'constructor', '"', '\\', '\n'],
    ['x'.repeat(3_000_000), 'y'],
    [['a', 'b'], 'a', null, ['a', 'b'], ['b', 'a'], [null, 'a'], ['a', null], ['', '']],
    [
      ['1,2', '3'],
      ['1', '2,3'],
      ['a', 'a'],
    ],
    Array.from({ length: 300 }, (_, i) => `v${i}`),
    Array.from({ length: 70_000 }, (_, i) => `v${i}`),
  ],
  'ARRAY<STRING>': [
    [],
    [null],
    [[], null, [null], [''], ['', null]],
    [['b', 'a', 'b'], ['b'], ['b', 'a'], ['\u{1F600}', '\uffff']],
    Array.from({ length: 300 }, (_, i) => [`v${i}`, 'x']),
  ],
  'ARRAY<LONG>': [
    [],
    [[], null, [null], [0], [0, null]],
    [
      [LONG_MAX, LONG_MIN],
      [LONG_MIN, LONG_MAX],
      [2 ** 53 - 1, toLong(2n ** 53n)],
    ],
    Array.from({ length: 70_000 }, (_, i) => [i]),
  ],
  'ARRAY<DOUBLE>': [[], [[0], [-0], [Number.NaN], [null, Infinity], null, []], [[0.1, 0.1]]],
};

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('', 'a', 'b'));
const cell: fc.Arbitrary<Cell> = fc.oneof(
  text,
  fc.constant(null),
  fc.array(fc.option(text), { maxLength: 3 }).map(cellOf),
);
const long = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong),
  fc.constantFrom(LONG_MAX, LONG_MIN),
);
const double = fc.oneof(fc.double(), fc.constantFrom(1.5, -0, 0));
const ARBITRARY: Record<Kind, fc.Arbitrary<Value>> = {
  LONG: fc.option(long),
  DOUBLE: fc.option(double),
  FLOAT: fc.option(fc.float()),
  STRING: cell,
  'ARRAY<STRING>': fc.option(fc.array(fc.option(text), { maxLength: 3 })),
  'ARRAY<LONG>': fc.option(fc.array(fc.option(long), { maxLength: 3 })),
  'ARRAY<DOUBLE>': fc.option(fc.array(fc.option(double), { maxLength: 3 })),
};

/** What an encoding may refuse; everything else it must hold. */
const REFUSES: Record<string, string> = {
  'string.dictionary': 'lists',
  'string.list': 'columns without lists',
  'long.constant': 'two different values',
  'long.delta': 'a span of 2^32 units or more, and columns of nulls only',
  'long.dictionary': 'many values, narrow ones, and columns of nulls only',
  'double.dictionary': 'many values, -0, NaN, and columns of nulls only',
  'float.dictionary': 'many values, -0, NaN, and columns of nulls only',
  'double.constant': 'two different values',
  'float.constant': 'two different values',
};

/** Any values, and few of them many times over. */
const columnOf = (kind: Kind): fc.Arbitrary<Value[]> =>
  fc.oneof(
    fc.array(ARBITRARY[kind], { maxLength: 60 }),
    fc
      .array(ARBITRARY[kind], { minLength: 1, maxLength: 4 })
      .chain((few) => fc.array(fc.constantFrom(...few), { minLength: 30, maxLength: 90 })),
  );

/** Writes, checks, reads back every cell; false when the encoding refuses the values. */
function roundTrips(encodingName: string, kind: Kind, values: Value[]): boolean {
  const vectors = vectorsOf(kind, values);
  return vectors.map((vector) => holds(encodingName, kind, values, vector)).includes(true);
}

function holds(encodingName: string, kind: Kind, values: Value[], vector: Vector): boolean {
  const encoding = ENCODINGS.find(({ name }) => name === encodingName)!;
  if (encoding.estimateBytes(vector, factsOf(vector)) === null) return false;
  const { entry, column } = writeInMemory(encoding, vector);
  expect(encoding.check(entry, values.length)).toBeNull();
  const position = { row: 0 };
  const reader = encoding.attach(column).reader(position);
  expect(reader.exists).toBe(true);
  expect(reader.type).toBe(kind);
  const hasLists = values.some((value) => Array.isArray(value));
  expect(reader.multiValue).toBe(kind === 'STRING' && hasLists);
  // toEqual calls -0 and 0 different, NaN equal to itself, and 1n different from 1.
  expectSame(readAll(reader, position, values.length), values);
  const { dictionary } = reader;
  if (dictionary !== undefined) {
    for (const [row, value] of values.entries()) {
      position.row = row;
      expectSame(dictionary.id() < dictionary.size, true);
      expectSame(dictionary.value(dictionary.id()), value);
    }
  }
  return true;
}

function kindsOf(kind: Encoding['kind']): Kind[] {
  if (kind === 'COMPLEX' || kind === 'JSON') return [];
  return kind === 'ARRAY' ? ['ARRAY<STRING>', 'ARRAY<LONG>', 'ARRAY<DOUBLE>'] : [kind];
}

describe.each(
  ENCODINGS.flatMap(({ name, kind }) => kindsOf(kind).map((each) => ({ name, kind: each }))),
)('encoding contract: $name of $kind', ({ name, kind }) => {
  test('hostile columns', () => {
    const held = HOSTILE[kind].map((values) => roundTrips(name, kind, values));
    expect(held).toContain(true);
    expect(held.includes(false)).toBe(name in REFUSES);
  });

  test('random columns', () => {
    fc.assert(
      fc.property(columnOf(kind), (values) => {
        const held = roundTrips(name, kind, values);
        expect(held || name in REFUSES).toBe(true);
      }),
    );
  });

  test('a directory entry that does not fit is refused', () => {
    const values = HOSTILE[kind].find((each) => each.length > 0 && roundTrips(name, kind, each))!;
    const encoding = ENCODINGS.find((each) => each.name === name)!;
    const { entry } = writeInMemory(encoding, vectorOf(kind, values));
    expect(encoding.check(entry, values.length + 9)).not.toBeNull();
    for (const block of entry.blocks) {
      const others = entry.blocks.filter((other) => other !== block);
      expect(encoding.check({ ...entry, blocks: others }, values.length)).toMatch(/missing/);
      const twice = [...entry.blocks, block];
      expect(encoding.check({ ...entry, blocks: twice }, values.length)).toMatch(/twice/);
    }
  });
});

/** COMPLEX values have no order and no literals, so the suite above does not run them. */
test('encoding contract: complex.bytes', () => {
  const type = 'COMPLEX<serializablePairLongString>';
  const serde = complexType('serializablePairLongString');
  const pair = fc.record({
    lhs: fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong),
    rhs: fc.option(fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(fc.array(fc.option(pair), { maxLength: 40 }), (values) => {
      const bytes = (row: number) => {
        const value = values[row]!;
        return value === null ? null : serde.encode(value);
      };
      const vector = { kind: 'COMPLEX', type, rowCount: values.length, bytes } as const;
      const { encoding } = chooseEncoding(vector, factsOf(vector));
      const { entry, column } = writeInMemory(encoding, vector);
      expect(encoding.check(entry, values.length)).toBeNull();
      expect(encoding.check(entry, values.length + 9)).not.toBeNull();
      expect(entry.stats.hasNulls).toBe(values.includes(null));
      const position = { row: 0 };
      const reader = encoding.attach(column).reader(position);
      expect(reader.type).toBe(type);
      expectSame(readAll(reader, position, values.length), values);
    }),
  );
});

describe('the narrowest encoding is taken', () => {
  test.each([
    { values: [5, 5, null], name: 'long.constant', parameters: { value: '5' } },
    { values: [null], name: 'long.constant', parameters: { value: '0' } },
    { values: [-1, 254], name: 'long.delta', parameters: { base: '-1', width: 1 } },
    { values: [-1, 0, 255], name: 'long.delta', parameters: { base: '-1', width: 2 } },
    { values: [-1, 255], name: 'long.delta', parameters: { base: '-1', width: 1, unit: 256 } },
    { values: [1, 2, 65537], name: 'long.delta', parameters: { base: '1', width: 4 } },
    { values: [0, 1, 2 ** 32], name: 'long.raw', parameters: {} },
    {
      values: [0, 1, 2 ** 32, null, ...Array.from({ length: 20 }, () => 1)],
      name: 'long.dictionary',
      parameters: { size: 3 },
    },
    {
      values: Array.from({ length: 300 }, (_, i) => 60_000 * i),
      name: 'long.delta',
      parameters: { base: '0', width: 2, unit: 60_000 },
    },
    {
      values: [LONG_MAX, LONG_MAX - 1n],
      name: 'long.delta',
      parameters: { base: '9223372036854775806', width: 1 },
    },
  ])('$values is $name', ({ values, name, parameters }) => {
    const vector = vectorOf('LONG', values);
    const { encoding } = chooseEncoding(vector, factsOf(vector));
    expect(encoding.name).toBe(name);
    expect(writeInMemory(encoding, vector).entry.parameters).toEqual(parameters);
  });
});

test('facts: smallest, largest and cardinality are those of the values', () => {
  expect(factsOf(vectorOf('DOUBLE', [0, -0, Number.NaN, null]))).toMatchObject({
    min: -0,
    max: Number.NaN,
    hasNulls: true,
  });
  expect(factsOf(vectorOf('STRING', [['b', 'a'], null, 'c', ['\u{1F600}', '\uffff']]))).toEqual({
    cardinality: 6,
    min: 'a',
    max: '\u{1F600}',
    hasNulls: true,
    multiValue: true,
  });
  expect(factsOf(vectorOf('LONG', [null, LONG_MIN, 3]))).toMatchObject({ min: LONG_MIN, max: 3 });
});
