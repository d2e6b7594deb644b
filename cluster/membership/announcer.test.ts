import { expect, test } from 'vitest';
import { CorruptBytesError, VirtualTime } from '../../core/index.js';
import { packMessage, unpackMessage } from '../transport/frames.js';
import {
  type AnnouncementRequest,
  announcementMessage,
  readAnnouncement,
  readAnnouncementRequest,
} from './announcement.js';
import { Announcer } from './announcer.js';

const NEVER = new AbortController().signal;
const codec = {
  encode: (n: number) => ({ n }),
  decode: (wire: unknown) => (wire as { n: number }).n,
};

function world(maxHistory = 100) {
  const time = new VirtualTime();
  const announcer = new Announcer<number>({ incarnation: 'i', timers: time, maxHistory });
  const ask = (since: number, over: Partial<AnnouncementRequest> = {}, signal = NEVER) =>
    announcer.answer({ incarnation: 'i', since, waitMs: 0, ...over }, signal);
  return { time, announcer, ask };
}

test('changes since a number, many of one thing as one', async () => {
  const { announcer, ask } = world();
  announcer.announce({ added: ['a', 'b'] });
  announcer.announce({ removed: ['a'] });
  announcer.announce({ added: ['a', 'c'], removed: ['b'] });
  expect(await ask(1)).toMatchObject({
    number: 3,
    isWhole: false,
    added: expect.arrayContaining(['a', 'c']),
    removed: ['b'],
    live: null,
  });
  expect(await ask(2)).toMatchObject({ number: 3, added: expect.arrayContaining(['a', 'c']) });
});

test('the whole for who knows nothing, another incarnation, or is too far behind', async () => {
  const { announcer, ask } = world(4);
  for (let i = 0; i < 10; i++) announcer.announce({ added: [`s${i}`] });
  const whole = { number: 10, isWhole: true, added: Array.from({ length: 10 }, (_, i) => `s${i}`) };
  expect(await ask(-1)).toMatchObject(whole);
  expect(await ask(2)).toMatchObject(whole);
  expect(await ask(9, { incarnation: 'before' })).toMatchObject(whole);
  expect(await ask(11)).toMatchObject(whole);
  expect(await ask(9)).toMatchObject({ isWhole: false, added: ['s9'] });
});

test('live tables come whole, with the log and its position; those that are gone as null', async () => {
  const { announcer, ask } = world();
  const live = (position: number, tables: [string, number | null][]) =>
    announcer.announce({ live: { logId: 'log', position, tables: new Map(tables) } });
  live(5, [
    ['t', 1],
    ['u', 2],
  ]);
  live(9, [['t', 3]]);
  live(9, [['u', null]]);
  expect((await ask(1)).live).toEqual({
    logId: 'log',
    position: 9,
    tables: new Map([
      ['t', 3],
      ['u', null],
    ]),
  });
  expect((await ask(-1)).live?.tables).toEqual(new Map([['t', 3]]));
});

test('who waits is answered at once when something changes, else when the time is over', async () => {
  const { time, announcer, ask } = world();
  const waiting = ask(0, { waitMs: 1000 }).then((told) => [told.number, time.nowMs()]);
  await time.run(300);
  announcer.announce({ added: ['a'] });
  expect(await waiting).toEqual([1, 300]);
  const idle = ask(1, { waitMs: 1000 }).then((told) => [told.number, told.added, time.nowMs()]);
  await time.run(2000);
  expect(await idle).toEqual([1, [], 1300]);
  const controller = new AbortController();
  const gone = ask(1, { waitMs: 1000 }, controller.signal);
  controller.abort();
  await gone;
  expect(time.nowMs()).toBe(2300);
});

test('announcements cross as messages', async () => {
  const { announcer, ask } = world();
  announcer.announce({
    added: ['a'],
    live: {
      logId: 'log',
      position: 2 ** 40,
      tables: new Map([
        ['t', 1],
        ['__proto__', 2],
      ]),
    },
  });
  const told = await ask(-1);
  const wire = unpackMessage(packMessage(announcementMessage(told, codec)));
  expect(readAnnouncement(wire, codec)).toEqual(told);
  expect(() => readAnnouncement({ ...(wire as object), number: -1 }, codec)).toThrow(
    CorruptBytesError,
  );
  expect(() => readAnnouncementRequest({ incarnation: 1 })).toThrow(/incarnation/);
});
