import { expect, test } from 'vitest';
import { CapacityError } from '../core/index.js';
import { InFlightBytes } from './in-flight.js';

const NAMES = { what: 'pushes', setting: 'push.queueBytes' };

test('a push that is alone may be of any size; together they may not be more than there is room for', () => {
  const all = new InFlightBytes(100, NAMES);
  all.checkRoom(1000);
  const first = all.share();
  first.take(60);
  first.take(60);
  expect(all.bytes).toBe(120);
  const second = all.share();
  expect(() => second.take(1)).toThrow(CapacityError);
  expect(() => all.checkRoom(1)).toThrow(/120 bytes.*push\.queueBytes/);
  first.release();
  second.take(40);
  const third = all.share();
  third.take(60);
  expect(() => second.take(1)).toThrow(CapacityError);
  expect([all.bytes, all.refused]).toEqual([100, 3]);
});

test('what is released is free, once', () => {
  const all = new InFlightBytes(100, NAMES);
  const share = all.share();
  share.take(10);
  share.release();
  share.release();
  expect(all.bytes).toBe(0);
});
