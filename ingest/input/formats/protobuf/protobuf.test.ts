import fc from 'fast-check';
import protobuf from 'protobufjs';
import { FileDescriptorSet } from 'protobufjs/ext/descriptor.js';
import { describe, expect, test } from 'vitest';
import { UserError, VirtualDisk, writeFileAtomically } from '../../../../core/index.js';
import { entityOf, readAll, testEnvironment } from '../../testing.js';
import { FIXTURE_ROWS, fixture, fixtureRow } from '../fixtures/rows-testing.js';
import { parseInputFormat } from '../registry.js';

const descriptorString = Buffer.from(fixture('rows.desc')).toString('base64');
const ROW = 'org.example.Row';

const descriptorsOf = (root: protobuf.Root): Buffer =>
  Buffer.from(FileDescriptorSet.encode(root.toDescriptor('proto3')).finish());

const format = (settings: object = {}, decoder: object = {}) =>
  parseInputFormat(
    {
      type: 'protobuf',
      protoBytesDecoder: { type: 'inline', descriptorString, protoMessageType: ROW, ...decoder },
      ...settings,
    },
    'inputFormat',
  );
const many = (settings: object = {}) => format({ delimited: true, ...settings });

/** What Google's own library wrote, as we give it: fields that are not set are not there. */
function expectedRow(i: number): Record<string, unknown> {
  const set = Object.entries(fixtureRow(i)).filter(([name, value]) => {
    const isEmpty = value === 0 || value === false || value === null;
    const isEmptyList =
      name === 'tags' || name === 'counts' ? Object.keys(value as object).length === 0 : false;
    return !isEmpty && !isEmptyList;
  });
  return {
    ...Object.fromEntries(set),
    inner: i === 0 ? { b: { c: 'deep 0' } } : { a: i, b: { c: `deep ${i}` } },
    ...(i % 2 === 1 && { suit: 'CLUBS' }),
    at: new Date(1_700_000_000_000 + i).toISOString().replace('.000Z', 'Z'),
    took: `${Math.floor((1500 + i) / 1000)}.${String((1500 + i) % 1000).padStart(3, '0')}s`,
    wrapped: i,
    ...(i % 3 === 0 && { number: i }),
    ...(i % 3 === 1 && { text: `text ${i}` }),
    free: { k: i, list: [true, null, 'x'] },
    unsignedNumber: Number(2n ** 64n - 1n - BigInt(i)),
  };
}
const expected = Array.from({ length: FIXTURE_ROWS }, (_, i) => expectedRow(i));

describe('messages of another writer', () => {
  test('many of them, each behind its length', async () => {
    const { rows, bad } = await readAll(many(), entityOf(fixture('rows.pb'), [3, 500, 9000]));
    expect(bad).toEqual([]);
    // Lists lose their nulls only at the top.
    expect(rows).toEqual(expected);
  });

  test('one in a file; flattened; columns say their types', async () => {
    const bytes = fixture('rows.pb');
    const one = bytes.subarray(1, 1 + bytes[0]!);
    const flattenSpec = { fields: [{ type: 'path', name: 'c', expr: '$.inner.b.c' }] };
    const settings = format({ flattenSpec });
    expect((await readAll(settings, entityOf(one))).rows).toEqual([
      { ...expected[0], c: 'deep 0' },
    ]);
    for await (const { types } of many().read(entityOf(bytes), testEnvironment())) {
      expect(Object.fromEntries(types!)).toEqual({
        id: 'LONG',
        wide: 'LONG',
        small: 'LONG',
        ratio: 'DOUBLE',
        half: 'FLOAT',
        number: 'LONG',
      });
    }
  });

  test('a descriptor file, below the roots only', async () => {
    const disk = new VirtualDisk();
    disk.makeDirectory('/in');
    writeFileAtomically(disk, '/in/rows.desc', fixture('rows.desc'));
    writeFileAtomically(disk, '/secret.desc', fixture('rows.desc'));
    const environment = testEnvironment(disk);
    const of = (descriptor: string) =>
      parseInputFormat(
        {
          type: 'protobuf',
          delimited: true,
          protoBytesDecoder: { type: 'file', descriptor, protoMessageType: 'Row' },
        },
        'inputFormat',
      );
    expect(
      (await readAll(of('file:///in/rows.desc'), entityOf(fixture('rows.pb')), environment)).rows
        .length,
    ).toBe(100);
    for (const path of ['/secret.desc', '/in/none.desc', '/in/../secret.desc']) {
      await expect(readAll(of(path), entityOf(''), environment)).rejects.toThrow(
        'inputFormat.protoBytesDecoder.descriptor',
      );
    }
  });
});

/** A type of every scalar kind, as text of the language, and its descriptors. */
const KINDS = [
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'sint32',
  'sint64',
  'fixed32',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
] as const;
const VALUES: Record<(typeof KINDS)[number], fc.Arbitrary<unknown>> = {
  double: fc.double({ noNaN: true }),
  float: fc.float({ noNaN: true }),
  int32: fc.integer(),
  uint32: fc.nat(),
  sint32: fc.integer(),
  fixed32: fc.nat(),
  sfixed32: fc.integer(),
  int64: fc.maxSafeInteger(),
  sint64: fc.maxSafeInteger(),
  sfixed64: fc.maxSafeInteger(),
  bool: fc.boolean(),
  string: fc.string({ unit: 'grapheme', maxLength: 10 }),
  bytes: fc.uint8Array({ maxLength: 8 }),
};

test('what the library writes is read, of every kind, single, repeated, packed, in maps and messages', async () => {
  const fields = KINDS.flatMap((kind, i) => [
    `optional ${kind} one_${kind} = ${4 * i + 1};`,
    `repeated ${kind} many_${kind} = ${4 * i + 2};`,
    `map<string, ${kind}> map_${kind} = ${4 * i + 3};`,
  ]);
  const { root } = protobuf.parse(
    `syntax = "proto3"; package p; message M { ${fields.join(' ')} optional M below = 1000; }`,
  );
  const set = descriptorsOf(root);
  const decoder = { descriptorString: set.toString('base64'), protoMessageType: 'p.M' };
  const type = root.lookupType('p.M');
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const members = fc.record(
    Object.fromEntries(
      KINDS.flatMap((kind) => {
        const name = kind[0]!.toUpperCase() + kind.slice(1);
        return [
          [`one${name}`, optional(VALUES[kind])],
          [`many${name}`, optional(fc.array(VALUES[kind], { minLength: 1, maxLength: 3 }))],
          [
            `map${name}`,
            optional(
              fc.dictionary(fc.constantFrom('a', 'b', '__x'), VALUES[kind], {
                minKeys: 1,
                noNullPrototype: true,
              }),
            ),
          ],
        ];
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(members, optional(members), async (top, below) => {
      const clean = (object: object): Record<string, unknown> =>
        Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
      const row = { ...clean(top), ...(below && { below: clean(below) }) };
      const bytes = type.encode(type.fromObject(row)).finish();
      const { rows, bad } = await readAll(format({}, decoder), entityOf(Uint8Array.from(bytes)));
      expect(bad).toEqual([]);
      expect(rows).toEqual([row]);
    }),
    { numRuns: 60 },
  );
});

test('messages that cannot be read are bad records with their places', async () => {
  const bytes = fixture('rows.pb');
  const length = 1 + bytes[0]!;
  // A length inside of the first message that goes beyond it.
  const at = Buffer.from(bytes).indexOf('name 0');
  bytes[at - 1] = 127;
  const { rows, bad } = await readAll(many(), entityOf(bytes));
  expect(rows.length).toBe(99);
  expect(bad).toEqual([
    { input: 'test: at byte 0', reason: expect.stringContaining('not a message of type Row') },
  ]);
  const cut = await readAll(many(), entityOf(fixture('rows.pb').subarray(0, length + 50)));
  expect(cut.rows.length).toBe(1);
  expect(cut.bad[0]).toEqual({
    input: `test: at byte ${length}`,
    reason: expect.stringContaining('not there'),
  });
});

test('a field that is written as another type would be is passed over', async () => {
  const typeOf = (fields: string) =>
    protobuf.parse(`syntax = "proto3"; message M { ${fields} }`).root;
  const written = typeOf('int64 a = 1; string b = 2; double c = 3; int32 d = 4;').lookupType('M');
  const bytes = written.encode({ a: 7, b: 'x', c: 0.5, d: 3 }).finish();
  const read = descriptorsOf(
    typeOf('string a = 1; int64 b = 2; float c = 3; repeated int32 d = 4;'),
  );
  const decoder = { descriptorString: read.toString('base64'), protoMessageType: 'M' };
  const { rows } = await readAll(format({}, decoder), entityOf(bytes));
  expect(rows).toEqual([{ d: [3] }]);
});

test('mutated messages and descriptors never crash or hang', async () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  const mutated = (bytes: Uint8Array, changes: readonly (readonly [number, number])[]) => {
    const copy = bytes.slice();
    for (const [at, by] of changes) copy[at % copy.length]! ^= by;
    return copy;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 4 }),
      fc.array(change, { maxLength: 3 }),
      async (inSet, inFile) => {
        const set = Buffer.from(mutated(fixture('rows.desc'), inSet)).toString('base64');
        const settings = format({ delimited: true }, { descriptorString: set });
        try {
          await readAll(settings, entityOf(mutated(fixture('rows.pb').slice(0, 2000), inFile)));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test.each<[object, string]>([
  [{ protoBytesDecoder: undefined }, 'inputFormat.protoBytesDecoder'],
  [{ protoBytesDecoder: { type: 'schema_registry' } }, 'not built yet'],
  [{ protoBytesDecoder: { type: 'inline' } }, 'descriptorString'],
  [{ protoBytesDecoder: { type: 'inline', descriptorString: '{"a":1}' } }, 'base64'],
  [{ protoBytesDecoder: { type: 'file', descriptor: 'http://x/y' } }, 'a path or a file: uri'],
])('%j is refused', (settings, why) => {
  expect(() => format(settings)).toThrow(why);
});

test.each<[object, string]>([
  [
    { protoMessageType: 'org.example.Nobody' },
    'no message "org.example.Nobody"; there are org.example.Innermost',
  ],
  [{ descriptorString: 'AAAA' }, 'not a descriptor set'],
])('%j is refused when it is read', async (decoder, why) => {
  await expect(readAll(format({}, decoder), entityOf(''))).rejects.toThrow(why);
});

test('a message in itself, too deep', async () => {
  const { root } = protobuf.parse('syntax = "proto3"; message M { M m = 1; }');
  const set = descriptorsOf(root);
  let bytes: number[] = [];
  for (let i = 0; i < 150; i++) {
    const length =
      bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
    bytes = [10, ...length, ...bytes];
  }
  const { bad } = await readAll(
    format({}, { descriptorString: set.toString('base64'), protoMessageType: 'M' }),
    entityOf(Uint8Array.from(bytes)),
  );
  expect(bad[0]?.reason).toContain('nested more than 100');
});
