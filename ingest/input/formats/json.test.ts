import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws, expectSame } from '../../../core/testing.js';
import { entityOf, readAll } from '../testing.js';
import { parseInputFormat } from './registry.js';

const json = (settings: object = {}, named: string[] = []) =>
  parseInputFormat({ type: 'json', ...settings }, 'inputFormat', {
    named: new Set(named),
    keepsNullElements: () => false,
    timeColumn: 'time',
  });

const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('{', '}', '"', '\\', '},{', '\n{"a":1}\n'),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('x', 'y', '{'), fc.oneof(scalar, fc.record({ z: scalar })), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
);
const record = fc.dictionary(fc.constantFrom('a', 'b', 'c d', '}', 'é😀'), value, {
  maxKeys: 4,
  noNullPrototype: true,
});
const layout = fc.constantFrom('line', 'spread', 'same line');
const cuts = fc.array(fc.nat(2000), { maxLength: 8 });

function written(records: readonly (readonly [object, string])[]): string {
  return records
    .map(([object, how]) =>
      how === 'spread'
        ? `${JSON.stringify(object, null, 2)}\n`
        : `${JSON.stringify(object)}${how === 'line' ? '\n' : ' '}`,
    )
    .join('');
}

test('objects on a line, over lines or several on one, chunked anyhow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(record, layout), { maxLength: 8 }),
      cuts,
      async (records, at) => {
        const text = written(records);
        const { rows, bad, bytes } = await readAll(json(), entityOf(text, at));
        expect(bad).toEqual([]);
        expectSame(
          rows,
          records.map(([object]) => object),
        );
        expect(bytes).toBe(Buffer.byteLength(text));
      },
    ),
    { numRuns: draws(100) },
  );
});

/** A prefix of an object's text that is not an object itself. */
const cutOff = fc
  .tuple(record, fc.double({ min: 0, max: 0.99, noNaN: true }))
  .map(([object, part]) =>
    JSON.stringify(object).slice(0, 1 + Math.floor(part * (JSON.stringify(object).length - 1))),
  )
  .filter((text) => text.length > 0);

test('a line that was cut off costs no line of the others', async () => {
  const line = fc.oneof(
    { weight: 3, arbitrary: record.map((object) => ({ text: JSON.stringify(object), object })) },
    { weight: 1, arbitrary: cutOff.map((text) => ({ text, object: null })) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), cuts, async (lines, at) => {
      const text = lines.map((one) => one.text).join('\n');
      const { rows, bad } = await readAll(json(), entityOf(text, at));
      const expected = lines.flatMap(({ object }) => (object === null ? [] : [object]));
      expectSame(rows, expected);
      expect(bad.length).toBe(lines.length - expected.length);
    }),
    { numRuns: draws(100) },
  );
});

test.each([
  ['{"a":1}\n{"a":\n{"a":2}\n{"a":3}', [1, 2, 3]],
  ['{"a":1}\nrubbish\n{"a":2}', [1, 2]],
  ['{"a":1}{"a":2} {"a":3', [1, 2]],
  ['[1]\n"x"\nnull\n7\n{"a":4}', [4]],
  ['{"a":1}}\n{"a":2}', [1, 2]],
  ['{"a":"x\n{"a":2}', [2]],
  ['{"a":[\n1,\n2\n{"a":5}', [5]],
])('%j gives the records that can be read', async (text, expected) => {
  const { rows, bad } = await readAll(json(), entityOf(text));
  expect(rows.map(({ a }) => a)).toEqual(expected);
  expect(bad.length).toBeGreaterThan(0);
  for (const { reason } of bad) expect(reason).toMatch(/JSON/);
});

test('an unclosed object before many lines costs linear time', async () => {
  const lines = `{"a":[\n${'[1],\n'.repeat(50_000)}`;
  const { rows, bad } = await readAll(json(), entityOf(lines));
  expect(rows).toEqual([]);
  expect(bad.length).toBe(50_001);
});

test('64-bit integers are exact', async () => {
  const { rows } = await readAll(
    json(),
    entityOf('{"a":9007199254740993,"b":-1,"c":9223372036854775807}'),
  );
  expect(rows).toEqual([{ a: 9007199254740993n, b: -1, c: 9223372036854775807n }]);
});

test('flattenSpec', async () => {
  const fields = [
    { type: 'path', name: 'city', expr: '$.geo.city' },
    { type: 'path', name: 'first', expr: "$.tags[0]['k e']" },
    { type: 'path', name: 'last', expr: '$.ns[-1]' },
    { type: 'root', name: 'dotted', expr: 'a.b' },
    { type: 'tree', name: 'deep', nodes: ['geo', 'in', 'x'] },
    { type: 'path', name: 'all', expr: '$.tags[*]..["k e"]' },
    { type: 'jq', name: 'sum', expr: '[.ns[] | numbers] | add' },
    'plain',
  ];
  const row = {
    'a.b': 1,
    geo: { city: 'Oslo', in: { x: 2 } },
    tags: [{ 'k e': 'v' }],
    ns: [1, null, 3],
    plain: 'p',
    other: 'o',
    wanted: 'w',
  };
  const text = `${JSON.stringify(row)}\n{"geo":3,"tags":{}}`;
  const flat = { city: 'Oslo', first: 'v', last: 3, dotted: 1, deep: 2, all: ['v'], sum: 4 };
  const plain = { plain: 'p' };
  const all = await readAll(json({ flattenSpec: { fields } }), entityOf(text));
  expect(all.rows[0]).toEqual({ ...row, ...flat, ns: [1, 3] });
  const nothing = { all: [], sum: null };
  expect(all.rows[1]).toEqual({ geo: 3, tags: {}, ...nothing });
  const listed = { flattenSpec: { useFieldDiscovery: false, fields } };
  const some = await readAll(json(listed, ['wanted', 'absent']), entityOf(text));
  expect(some.rows).toEqual([{ ...flat, ...plain, wanted: 'w' }, nothing]);
});

test.each([
  [{ type: 'path', name: 'x', expr: 'a.b' }, 'a.b'],
  [{ type: 'path', name: 'x', expr: '$.a[' }, 'flattenSpec.fields[0].expr'],
  [{ type: 'jq', name: 'x', expr: '.a | foo' }, 'foo/0 is not supported'],
  [{ type: 'xpath', name: 'x' }, 'want path, jq, root or tree'],
  [{ type: 'tree', name: 'x' }, 'nodes'],
  [{ type: 'root' }, 'name'],
])('the flatten field %j is refused', (field, part) => {
  expect(() => json({ flattenSpec: { fields: [field] } })).toThrow(part);
});

test('two flatten fields of one name are refused', () => {
  expect(() => json({ flattenSpec: { fields: ['x', 'x'] } })).toThrow('"x" stands twice');
});
