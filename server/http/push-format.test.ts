import { expect, test } from 'vitest';
import { utf8Encode } from '../../core/index.js';
import { RequestRefused } from './errors.js';
import { declaredFormat, formatOfBody } from './push-format.js';

test.each([
  ['application/x-ndjson', 'ndjson'],
  ['Application/JSONL; charset=utf-8', 'ndjson'],
  ['application/json', 'json'],
  ['text/csv;header=present', 'csv'],
  ['application/vnd.apache.arrow.stream', 'arrow'],
  ['application/vnd.apache.arrow.file', 'arrow'],
  ['application/x-www-form-urlencoded', null],
  ['application/octet-stream', null],
  ['text/plain;charset=UTF-8', null],
  [undefined, null],
] as const)('Content-Type %s is %s', (type, format) => {
  expect(declaredFormat(type)).toBe(format);
});

test.each(['text/xml', 'application/xml', 'json', '*/*'])('Content-Type %s is refused', (type) => {
  expect(() => declaredFormat(type)).toThrow(RequestRefused);
  expect(() => declaredFormat(type)).toThrow(/application\/x-ndjson.*text\/csv/);
});

test.each([
  [utf8Encode('{"a":1}'), 'ndjson'],
  [utf8Encode('\n\t {"a":1}'), 'ndjson'],
  [utf8Encode('\uFEFF{"a":1}'), 'ndjson'],
  [utf8Encode(' \r\n[{"a":1}]'), 'json'],
  [utf8Encode('a,b\n1,2\n'), 'csv'],
  [utf8Encode('"a",b\n1,2\n'), 'csv'],
  [utf8Encode('ARROW1\0\0'), 'arrow'],
  [Uint8Array.of(255, 255, 255, 255, 16), 'arrow'],
  [utf8Encode('  '), 'csv'],
])('the first bytes tell the format: %#', (body, format) => {
  expect(formatOfBody(body)).toBe(format);
});
