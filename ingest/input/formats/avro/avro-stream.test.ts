import { expect, test } from 'vitest';
import { entityOf, readAll } from '../../testing.js';
import { parseInputFormat } from '../registry.js';
import { datum } from './avro-testing.js';

const stream = (avroBytesDecoder: unknown, settings: object = {}) =>
  parseInputFormat({ type: 'avro_stream', avroBytesDecoder, ...settings }, 'inputFormat');

const POINT = {
  type: 'record',
  name: 'Point',
  fields: [
    { name: 'x', type: 'int' },
    { name: 'at', type: { type: 'map', values: 'long' } },
  ],
};
const NAME = { type: 'record', name: 'Name', fields: [{ name: 'name', type: 'string' }] };

test('one record, or several one after another', async () => {
  const format = stream({ type: 'schema_inline', schema: POINT });
  const one = datum(POINT, { x: 5, at: { k: 7 } });
  expect((await readAll(format, entityOf(Uint8Array.from(one)))).rows).toEqual([
    { x: 5, at: { k: 7 } },
  ]);
  const two = await readAll(
    format,
    entityOf(Uint8Array.from([...one, ...datum(POINT, { x: -1, at: {} })])),
  );
  expect(two.rows).toEqual([
    { x: 5, at: { k: 7 } },
    { x: -1, at: {} },
  ]);
  expect(two.bytes).toBe(one.length + 2);
});

test('several schemas, each by its number', async () => {
  const format = stream(
    { type: 'multiple_schemas_inline', schemas: { 1: POINT, 70000: NAME } },
    { flattenSpec: { fields: [{ type: 'path', name: 'k', expr: '$.at.k' }] } },
  );
  const bytes = [
    1,
    0,
    0,
    0,
    1,
    ...datum(POINT, { x: 5, at: { k: 7 } }),
    1,
    0,
    1,
    0x11,
    0x70,
    ...datum(NAME, { name: 'é' }),
  ];
  const { rows, bad } = await readAll(format, entityOf(Uint8Array.from(bytes)));
  expect(rows).toEqual([{ x: 5, at: { k: 7 }, k: 7 }, { name: 'é' }]);
  expect(bad).toEqual([]);
});

test.each([
  [[1, 0, 0, 0, 9, 0], 'there is no schema 9'],
  [[2, 0, 0, 0, 1, 0], 'it begins with 2'],
  [[1, 0, 0], 'the bytes end'],
  [[1, 0, 0, 0, 1, 10], 'the bytes end'],
])('%j is a bad record', async (bytes, why) => {
  const format = stream({ type: 'multiple_schemas_inline', schemas: { 1: POINT } });
  const { rows, bad } = await readAll(format, entityOf(Uint8Array.from(bytes)));
  expect(rows).toEqual([]);
  expect(bad).toEqual([
    { input: expect.stringContaining('byte 0'), reason: expect.stringContaining(why) },
  ]);
});

test.each([
  [undefined, 'inputFormat.avroBytesDecoder'],
  [{ type: 'schema_registry', url: 'x' }, 'not built yet'],
  [{ type: 'schema_inline' }, 'inputFormat.avroBytesDecoder.schema'],
  [{ type: 'schema_inline', schema: 'int' }, 'must be a record'],
  [{ type: 'multiple_schemas_inline', schemas: { a: POINT } }, 'want numbers as keys'],
])('the decoder %j is refused', (decoder, why) => {
  expect(() => stream(decoder)).toThrow(why);
});
