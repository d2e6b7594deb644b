import { expect, test } from 'vitest';
import { Room } from './room.js';

test('arrays have the length asked for and share memory until it is too small or too large', () => {
  const room = new Room();
  const first = room.words(100);
  expect(first).toEqual(new Uint32Array(100));
  expect(room.doubles(50).buffer).toBe(first.buffer);
  const more = room.doubles(1_000_000);
  expect(more.length).toBe(1_000_000);
  expect(more.buffer).not.toBe(first.buffer);
  const less = room.words(3);
  expect(less.length).toBe(3);
  expect(less.buffer).not.toBe(more.buffer);
  expect(room.words(0).length).toBe(0);
});
