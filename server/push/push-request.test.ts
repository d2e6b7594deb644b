import { expect, test } from 'vitest';
import { UserError, utf8Decode, utf8Encode } from '../../core/index.js';
import { pushRequest } from './push-request.js';

test('objects become lines of JSON', () => {
  const { body, ...request } = pushRequest('t', [{ a: 2n ** 60n }, { b: new Date(0) }], {
    format: 'csv',
    key: 'k',
  });
  expect(utf8Decode(body)).toBe('{"a":1152921504606846976}\n{"b":"1970-01-01T00:00:00.000Z"}');
  const said = { table: 't', format: 'ndjson', columns: null, ack: 'disk' };
  expect(request).toEqual({ ...said, producer: null, sequence: null, key: 'k' });
});

test('bytes are copied', () => {
  const given = Buffer.from(utf8Encode('a,b\n1,2').buffer);
  const { body } = pushRequest('t', given, { format: 'csv' });
  expect(utf8Decode(body)).toBe('a,b\n1,2');
  expect(body.buffer).not.toBe(given.buffer);
  expect(body.buffer.byteLength).toBe(body.length);
});

test.each([
  { rows: [], options: {}, says: /rows: want one row/ },
  { rows: new Uint8Array(0), options: {}, says: /rows: want one row/ },
  { rows: 'text', options: {}, says: /rows: want an array/ },
  { rows: [1], options: {}, says: /row: want an object/ },
  { rows: [{}], options: { format: 'xml' }, says: /format: want one of ndjson.*"xml"/ },
  { rows: [{}], options: { ack: 'never' }, says: /ack: want one of disk, memory/ },
  { rows: [{}], options: { producer: 'me' }, says: /sequence/ },
])('$rows with $options are refused', ({ rows, options, says }) => {
  expect(() => pushRequest('t', rows as never, options as never)).toThrow(UserError);
  expect(() => pushRequest('t', rows as never, options as never)).toThrow(says);
});

test("a name that is the server's own is refused", () => {
  expect(() => pushRequest('sys.mine', [{}], {})).toThrow(/sys\./);
});
