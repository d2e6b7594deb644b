import { expect, test } from 'vitest';
import { entityTag, isKnown } from './etag.js';

const TAG = entityTag('0123abcd', 'json')!;

test('a tag is quoted, and another one in another format', () => {
  expect(TAG).toMatch(/^"0123abcd-json-[^"]+"$/);
  expect(entityTag('0123abcd', 'msgpack')).not.toBe(TAG);
  expect(entityTag(null, 'json')).toBeNull();
});

test.each([
  { name: 'the tag', header: TAG, expected: true },
  { name: 'the tag of what was compressed', header: `W/${TAG}`, expected: true },
  { name: 'one of a list', header: `"x",${TAG} , W/"y"`, expected: true },
  { name: 'without quotes', header: TAG.replaceAll('"', ''), expected: true },
  { name: 'a part of it', header: TAG.slice(0, 9), expected: false },
  { name: 'another format', header: entityTag('0123abcd', 'msgpack')!, expected: false },
  { name: 'anything', header: '*', expected: false },
  { name: 'nothing', header: '', expected: false },
  { name: 'no header', header: undefined, expected: false },
])('If-None-Match with $name', ({ header, expected }) => {
  expect(isKnown(header, TAG)).toBe(expected);
});

test('what has no tag is not known', () => {
  expect(isKnown('null', null)).toBe(false);
  expect(isKnown('', null)).toBe(false);
});
