import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceLimitError, UserError } from '../../../../core/index.js';
import { entityOf, readAll, testEnvironment } from '../../testing.js';
import { FIXTURE_ROWS, fixture, fixtureRow } from '../fixtures/rows-testing.js';
import { parseInputFormat } from '../registry.js';
import { orcOf } from './orc-testing.js';

const orc = (settings: object = {}) =>
  parseInputFormat({ type: 'orc', ...settings }, 'inputFormat');

const CODECS = ['uncompressed', 'zlib', 'snappy', 'zstd', 'lz4'];

/** What pyarrow wrote, as we give it. */
function expectedRow(i: number): Record<string, unknown> {
  const nanos = BigInt(i - 50) * 10n ** 12n + BigInt(i) * 1_000_001n;
  const ms = Number(nanos / 1_000_000n) - (nanos % 1_000_000n < 0n ? 1 : 0);
  return {
    ...fixtureRow(i),
    tiny: i - 50,
    short: i * 300,
    day: new Date(Date.UTC(1969, 11, 1 + i)),
    at: ms,
    local: ms,
    price: (i * 101 - 5000) / 100,
    nothing: null,
    list: Array.from({ length: i % 3 }, (_, j) => ({ a: j || null, b: { c: `x${j}` } })),
  };
}
const expected = Array.from({ length: FIXTURE_ROWS }, (_, i) => expectedRow(i));

describe('files of another writer', () => {
  test.each(CODECS)('%s', async (codec) => {
    const { rows, bad } = await readAll(orc(), entityOf(fixture(`rows.${codec}.orc`)));
    expect(bad).toEqual([]);
    expect(rows).toEqual(expected);
  });

  test('columns say their types; bytes as texts; flattened', async () => {
    const flattenSpec = {
      fields: [
        { type: 'path', name: 'c', expr: '$.inner.b.c' },
        { type: 'path', name: 'total', expr: '$.list[*].a.sum()' },
      ],
    };
    const format = orc({ flattenSpec, binaryAsString: true });
    for await (const { types } of format.read(
      entityOf(fixture('rows.zlib.orc')),
      testEnvironment(),
    )) {
      expect(Object.fromEntries(types!)).toEqual({
        id: 'LONG',
        wide: 'LONG',
        small: 'LONG',
        tiny: 'LONG',
        short: 'LONG',
        ratio: 'DOUBLE',
        half: 'FLOAT',
        at: 'LONG',
        local: 'LONG',
        price: 'DOUBLE',
      });
    }
    const { rows } = await readAll(format, entityOf(fixture('rows.zlib.orc')));
    expect(rows[2]).toMatchObject({ c: 'deep 2', total: 1, bytes: '\u0002\ufffd' });
  });
});

const WIKIPEDIA = new URL(
  '../../../../../shared/conformance/druid/datasets/it/data/batch_index/orc/wikipedia_index_data1.orc',
  import.meta.url,
);
test.skipIf(!existsSync(WIKIPEDIA))('a file of Druid (needs ../shared)', async () => {
  const { rows } = await readAll(orc(), entityOf(new Uint8Array(readFileSync(WIKIPEDIA))));
  expect(rows.map(({ page }) => page)).toEqual(['Gypsy Danger', 'Striker Eureka', 'Cherno Alpha']);
  expect(rows[0]).toMatchObject({
    timestamp: Date.parse('2013-08-31T01:02:33Z'),
    user: 'nuclear',
    delta: -143,
    added: 57,
    newPage: 'true',
  });
});

const nullable = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.option(value, { nil: null, freq: 4 }), { minLength: 0, maxLength: 300 });
const long = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n));

test('what is written is read, stripe by stripe', async () => {
  const cells = fc.record({
    l: nullable(long),
    d: nullable(fc.double({ noNaN: true })),
    b: nullable(fc.boolean()),
    s: nullable(fc.string({ unit: 'grapheme', maxLength: 12 })),
    n: nullable(fc.nat(3)),
    i: fc.array(fc.option(fc.string({ maxLength: 3 }), { nil: null }), {
      minLength: 900,
      maxLength: 900,
    }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(cells, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (stripes, isPacked) => {
        const expected: Record<string, unknown>[] = [];
        const columns = stripes.map(({ l, d, b, s, n, i }) => {
          const rows = Math.max(1, Math.min(l.length, d.length, b.length, s.length, n.length));
          const fill = <T>(values: readonly (T | null)[]) =>
            Array.from({ length: rows }, (_, row) => values[row] ?? null);
          const counts = fill(n);
          const items = i.slice(
            0,
            counts.reduce((sum: number, count) => sum + (count ?? 0), 0),
          );
          let at = 0;
          for (let row = 0; row < rows; row++) {
            const count = counts[row] ?? null;
            const list =
              count === null ? null : items.slice(at, at + count).filter((item) => item !== null);
            at += count ?? 0;
            expected.push({
              l: l[row] ?? null,
              d: d[row] ?? null,
              b: b[row] ?? null,
              s: s[row] ?? null,
              t: list,
            });
          }
          return {
            l: { kind: 'long', values: fill(l) },
            d: { kind: 'double', values: fill(d) },
            b: { kind: 'boolean', values: fill(b) },
            s: { kind: 'string', values: fill(s) },
            t: { kind: 'list', counts, items: { kind: 'string', values: items } },
          } as const;
        });
        const { rows } = await readAll(orc(), entityOf(orcOf(columns, isPacked)));
        expect(rows).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('few bytes never make many items', async () => {
  const items = { kind: 'long', values: [] } as const;
  const file = orcOf([{ t: { kind: 'list', counts: [2 ** 40], items } }], false);
  await expect(readAll(orc(), entityOf(file))).rejects.toThrow(ResourceLimitError);
});

test('files that are none, cut off or damaged are the fault of the file', async () => {
  const file = fixture('rows.zlib.orc');
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(100),
    file.slice(0, -1),
    file.slice(0, 1000),
    file.slice(500),
  ]) {
    await expect(readAll(orc(), entityOf(bytes))).rejects.toThrow(UserError);
  }
});

test('mutated files never crash or hang', async () => {
  const files = CODECS.map((codec) => fixture(`rows.${codec}.orc`));
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (file, changes) => {
        const bytes = file.slice();
        for (const [at, by] of changes) bytes[at % bytes.length]! ^= by;
        try {
          for await (const batch of orc().read(entityOf(bytes), testEnvironment()))
            if (batch.rowCount > 10_000) return;
        } catch (error) {
          if (!(error instanceof UserError)) expect(error).toBeInstanceOf(ResourceLimitError);
        }
      },
    ),
    { numRuns: 300 },
  );
});
