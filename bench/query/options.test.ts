import { expect, test } from 'vitest';
import { parseOptions } from './options.js';

const CLASSES = ['ssb', 'wiki'];

test('defaults run everything', () => {
  expect(parseOptions([], CLASSES)).toMatchObject({ rows: 5_000_000, classes: CLASSES, rounds: 5 });
});

test.each([
  { args: ['--rows', 'many'], says: '--rows: want a whole number above 0, got many' },
  { args: ['--classes', 'ssb,nope'], says: '--classes: nope is none of ssb, wiki' },
  { args: ['--row', '5'], says: "Unknown option '--row'" },
])('$args', ({ args, says }) => {
  expect(() => parseOptions(args, CLASSES)).toThrow(says);
});
