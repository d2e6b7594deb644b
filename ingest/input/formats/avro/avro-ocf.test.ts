import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../../core/index.js';
import { entityOf, readAll, testEnvironment } from '../../testing.js';
import { FIXTURE_ROWS, fixture, fixtureRow } from '../fixtures/rows-testing.js';
import { parseInputFormat } from '../registry.js';
import { containerOf } from './avro-testing.js';

const avro = (settings: object = {}, named: string[] = []) =>
  parseInputFormat({ type: 'avro_ocf', ...settings }, 'inputFormat', {
    named: new Set(named),
    keepsNullElements: () => false,
    timeColumn: null,
  });

const CODECS = ['null', 'deflate', 'snappy', 'zstandard', 'bzip2', 'xz'];

/** What fastavro wrote, as we give it. */
const expected = Array.from({ length: FIXTURE_ROWS }, (_, i) => ({
  ...fixtureRow(i),
  suit: i % 2 === 0 ? 'HEARTS' : 'CLUBS',
  hash: Uint8Array.of(i, i),
  price: (i * 101 - 5000) / 100,
  at: 1_700_000_000_000 + 1000 * i,
  either: [null, i, `text ${i}`, { a: i, b: { c: 'x' } }][i % 4],
}));

describe('files of another writer', () => {
  test.each(CODECS)('codec %s', async (codec) => {
    const file = fixture(`rows.${codec}.avro`);
    const { rows, bad } = await readAll(avro(), entityOf(file, [3, 500, 4000]));
    expect(bad).toEqual([]);
    expect(rows).toEqual(expected);
  });

  test('columns say their types', async () => {
    for await (const { types } of avro().read(
      entityOf(fixture('rows.null.avro')),
      testEnvironment(),
    )) {
      expect(Object.fromEntries(types!)).toEqual({
        id: 'LONG',
        wide: 'LONG',
        small: 'LONG',
        ratio: 'DOUBLE',
        half: 'FLOAT',
        price: 'DOUBLE',
        at: 'LONG',
      });
    }
  });

  test('bytes as texts, unions by type, flattened', async () => {
    const flattenSpec = {
      fields: [
        { type: 'path', name: 'c', expr: '$.inner.b.c' },
        { type: 'path', name: 'number', expr: '$.either.long' },
        { type: 'path', name: 'text', expr: '$.either.string' },
        { type: 'path', name: 'a', expr: '$.either.Inner.a' },
        { type: 'path', name: 'total', expr: '$.counts..k1' },
      ],
    };
    const settings = { flattenSpec, binaryAsString: true, extractUnionsByType: true };
    const { rows } = await readAll(avro(settings), entityOf(fixture('rows.deflate.avro')));
    expect(rows[5]).toMatchObject({ c: 'deep 5', number: 5, hash: '\u0005\u0005', total: [5] });
    expect(rows[6]).toMatchObject({ text: 'text 6' });
    expect(rows[7]).toMatchObject({ a: 7, total: [] });
  });

  test('a reader schema: fewer fields, others with defaults, wider types, aliases', async () => {
    const schema = {
      type: 'record',
      name: 'Other',
      aliases: ['Row'],
      fields: [
        { name: 'extra', type: ['string', 'null'], default: 'none' },
        { name: 'small', type: 'double' },
        { name: 'label', aliases: ['name'], type: 'string' },
        {
          name: 'suit',
          type: { type: 'enum', name: 'Suit', symbols: ['HEARTS'], default: 'HEARTS' },
        },
        {
          name: 'inner',
          type: {
            type: 'record',
            name: 'Inner',
            fields: [{ name: 'z', type: 'long', default: 5 }],
          },
        },
      ],
    };
    const { rows } = await readAll(avro({ schema }), entityOf(fixture('rows.null.avro')));
    expect(rows[1]).toEqual({
      extra: 'none',
      small: -49,
      label: 'name 1',
      suit: 'HEARTS',
      inner: { z: 5 },
    });
  });

  test('a reader schema that does not fit makes bad records', async () => {
    const schema = { type: 'record', name: 'Row', fields: [{ name: 'name', type: 'long' }] };
    const { rows, bad } = await readAll(avro({ schema }), entityOf(fixture('rows.null.avro')));
    expect(rows).toEqual([]);
    expect(bad.length).toBe(FIXTURE_ROWS);
    expect(bad[0]?.reason).toContain('string cannot be read as long');
  });
});

const ORDERS = new URL('../../../../../shared/data/sampleEatsData30k.avro', import.meta.url);
test.skipIf(!existsSync(ORDERS))('30,000 orders of a real file (needs ../shared)', async () => {
  const { rows, bad } = await readAll(avro(), entityOf(new Uint8Array(readFileSync(ORDERS))));
  expect(bad).toEqual([]);
  expect(rows.length).toBe(30_000);
});

const schemaAndValue = fc
  .letrec<{ node: readonly [unknown, unknown] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(fc.constant('null'), fc.constant(null)),
      fc.tuple(fc.constant('boolean'), fc.boolean()),
      fc.tuple(fc.constant('int'), fc.integer()),
      fc.tuple(
        fc.constant('long'),
        fc
          .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
          .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
      ),
      fc.tuple(fc.constant('double'), fc.double({ noNaN: true })),
      fc.tuple(fc.constant('float'), fc.float({ noNaN: true })),
      fc.tuple(fc.constant('string'), fc.string({ unit: 'grapheme', maxLength: 40 })),
      fc.tuple(fc.constant('bytes'), fc.uint8Array({ maxLength: 20 })),
      tie('node').map(([items, value]) => [{ type: 'array', items }, [value, value]] as const),
      tie('node').map(
        ([values, value]) =>
          [
            { type: 'map', values },
            { a: value, __proto: value },
          ] as const,
      ),
      tie('node').map(
        ([type, value]) =>
          [['null', type].flat().filter((one, i, all) => all.indexOf(one) === i), value] as const,
      ),
    ),
  }))
  .node.filter(([type]) => JSON.stringify(type).includes('[[') === false);

test('what is written is read, in blocks of any size', async () => {
  const fields = fc.array(schemaAndValue, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fields,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 12 }),
      async (columns, perBlock, count) => {
        const schema = {
          type: 'record',
          name: 'R',
          fields: columns.map(([type], i) => ({ name: `f${i}`, type })),
        };
        const row = Object.fromEntries(columns.map(([, value], i) => [`f${i}`, value]));
        const rows = Array.from({ length: count }, () => row);
        const read = await readAll(avro(), entityOf(containerOf(schema, rows, perBlock), [7, 50]));
        expect(read.bad).toEqual([]);
        expect(read.rows).toEqual(rows.map((one) => withoutNullItems(one)));
      },
    ),
    { numRuns: 200 },
  );
});

/** Lists lose their nulls in flattening. */
const withoutNullItems = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter((item) => item !== null) : value,
    ]),
  );

test('a recursive type', async () => {
  const schema = {
    type: 'record',
    name: 'List',
    fields: [
      { name: 'value', type: 'int' },
      { name: 'next', type: ['null', 'List'] },
    ],
  };
  const row = { value: 1, next: { value: 2, next: { value: 3, next: null } } };
  const { rows } = await readAll(avro(), entityOf(containerOf(schema, [row], 1)));
  expect(rows).toEqual([row]);
});

test('a record that cannot be read costs the rest of its block, each record counted', async () => {
  const schema = { type: 'record', name: 'R', fields: [{ name: 'u', type: ['null', 'int'] }] };
  const rows = Array.from({ length: 9 }, (_, i) => ({ u: i }));
  const file = containerOf(schema, rows, 3);
  // The type of the second record of the second block.
  const at = Buffer.from(file).indexOf(Buffer.from([2, 6, 2, 8, 2, 10])) + 2;
  file[at] = 40;
  const { rows: read, bad } = await readAll(avro(), entityOf(file));
  expect(read.map(({ u }) => u)).toEqual([0, 1, 2, 3, 6, 7, 8]);
  expect(bad.map(({ input }) => input)).toEqual([
    expect.stringMatching(/^record 1 of the block at byte \d+ of test:$/),
    expect.stringMatching(/^record 2 of the block at byte \d+ of test:$/),
  ]);
  expect(bad[0]?.reason).toContain('a union has no type 20');
});

test('few bytes never make many items, nor depth', async () => {
  const nulls = {
    type: 'record',
    name: 'R',
    fields: [{ name: 'a', type: { type: 'array', items: 'null' } }],
  };
  const file = containerOf(nulls, [{ a: [] }], 1, (bytes) => [
    0x80,
    0x80,
    0x80,
    0x80,
    0x40,
    ...bytes,
  ]);
  const { bad } = await readAll(avro(), entityOf(file));
  expect(bad[0]?.reason).toMatch(/items in \d+ bytes/);
  const deep = { type: 'record', name: 'R', fields: [{ name: 'r', type: ['null', 'R'] }] };
  let row: unknown = { r: null };
  for (let i = 0; i < 1000; i++) row = { r: row };
  const nested = await readAll(avro(), entityOf(containerOf(deep, [row as object], 1)));
  expect(nested.bad[0]?.reason).toContain('nested more than');
});

test('files that are none, cut off or damaged are the fault of the file', async () => {
  const file = fixture('rows.snappy.avro');
  for (const length of [0, 3, 100, 1000, file.length - 1]) {
    const read = readAll(avro(), entityOf(file.slice(0, length)));
    if (length === 0) await expect(read).rejects.toThrow('does not begin with "Obj"');
    else await expect(read).rejects.toThrow(UserError);
  }
  for (const codec of CODECS) {
    const damaged = fixture(`rows.${codec}.avro`);
    damaged.fill(0xff, damaged.length - 200, damaged.length - 100);
    const outcome = await readAll(avro(), entityOf(damaged)).catch((error: Error) => error);
    if (outcome instanceof Error) expect(outcome.message).toContain('not a whole Avro file');
    else expect(outcome.bad.length).toBeGreaterThan(0);
  }
});

test('mutated files never crash or hang', async () => {
  const files = CODECS.map((codec) => fixture(`rows.${codec}.avro`));
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (file, changes) => {
        const bytes = file.slice();
        for (const [at, by] of changes) bytes[at % bytes.length]! ^= by;
        try {
          await readAll(avro(), entityOf(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test.each([
  [{ schema: 'x' }, 'there is no type "x"'],
  [{ schema: { type: 'record', name: 'R' } }, 'has no fields'],
  [{ schema: { type: 'enum' } }, 'a type has no name'],
  [{ schema: [] }, 'a union has no types'],
  [
    {
      schema: {
        type: 'record',
        name: 'R',
        fields: [
          { name: 'a', type: 'int' },
          { name: 'b', type: { type: 'fixed', name: 'R', size: 1 } },
        ],
      },
    },
    '"R" stands twice',
  ],
])('%j is refused', (settings, why) => {
  expect(() => avro(settings)).toThrow(why);
});
