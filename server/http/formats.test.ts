import { expect, test } from 'vitest';
import { chosenFormat } from './formats.js';

const ARROW = 'application/vnd.apache.arrow.stream';

test.each([
  { header: undefined, expected: 'json' },
  { header: '', expected: 'json' },
  { header: '*/*', expected: 'json' },
  { header: 'application/json, text/plain, */*', expected: 'json' },
  { header: 'application/msgpack', expected: 'msgpack' },
  { header: 'Application/X-MsgPack', expected: 'msgpack' },
  { header: 'application/vnd.msgpack;q=0.1', expected: 'msgpack' },
  { header: 'application/msgpack;q=0', expected: 'json' },
  { header: ARROW, expected: 'arrow' },
  { header: `${ARROW}, */*`, expected: 'arrow' },
  { header: `${ARROW};q=0.5, */*;q=0.1`, expected: 'arrow' },
  { header: `${ARROW};q=0.5, */*`, expected: 'json' },
  { header: `application/json, ${ARROW}`, expected: 'json' },
  { header: `application/json;q=0.9, ${ARROW}`, expected: 'arrow' },
  { header: `application/msgpack, ${ARROW};q=0.9`, expected: 'msgpack' },
  { header: `application/msgpack, ${ARROW}`, expected: 'arrow' },
  { header: 'application/x-jackson-smile', expected: 'json' },
  { header: 'text/html', expected: 'json' },
])('Accept "$header" is $expected', ({ header, expected }) => {
  expect(chosenFormat(header)).toBe(expected);
});
