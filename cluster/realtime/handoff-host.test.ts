import { expect, test } from 'vitest';
import {
  ConflictError,
  SeededRandom,
  silentLogger,
  UnavailableError,
  VirtualTime,
} from '../../core/index.js';
import type { HandoffRequest } from '../../ingest/index.js';
import { chunkSegment, days } from '../testing.js';
import { handoffHost } from './handoff-host.js';

const segments = [chunkSegment(days(0, 1), 'a'), chunkSegment(days(1, 2), 'b')];
const paths = segments.map(({ sealed }) => sealed.path);
const request: HandoffRequest = {
  table: 't',
  from: 0,
  to: 9,
  segments: new Map([['t', { chunkIntervals: [], segments }]]),
};

/** `putFailures` and `publishFailures` are thrown, in their order, before it goes well. */
function world(putFailures: Error[], publishFailures: Error[]) {
  const time = new VirtualTime();
  const events: string[] = [];
  const published: HandoffRequest[] = [];
  const host = handoffHost({
    catalog: {
      tables: async () => [],
      open: async () => null,
      declare: async () => 1,
      publish: async (asked) => {
        events.push('publish');
        const failure = publishFailures.shift();
        if (failure !== undefined) throw failure;
        published.push(asked);
      },
    },
    chunkIntervals: async () => [],
    put: async (_, segment) => {
      events.push(`put ${segment.sealed.path}`);
      const failure = putFailures.shift();
      if (failure !== undefined) throw failure;
      return { ...segment, sealed: { ...segment.sealed, sha256: `deep ${segment.sealed.path}` } };
    },
    release: async (segments) => void events.push(`release ${segments.length}`),
    removeFile: (path) => void events.push(`remove ${path}`),
    announce: () => undefined,
    timers: time,
    random: new SeededRandom(1),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  return { host, time, events, published };
}

const away = () => new UnavailableError('away');

test('files are in deep storage before they are published, and here no longer', async () => {
  const { host, time, events, published } = world([away()], [away()]);
  await time.until(host.publish(request), 60_000);
  expect(events).toEqual([
    `put ${paths[0]}`,
    ...paths.map((path) => `put ${path}`),
    'publish',
    'publish',
    ...paths.map((path) => `remove ${path}`),
  ]);
  const files = published[0]!.segments.get('t')!.segments;
  expect(files.map(({ sealed }) => sealed.sha256)).toEqual(paths.map((path) => `deep ${path}`));
});

test('a handoff that is tried again goes on where it was', async () => {
  const { host, time, events, published } = world([], Array.from({ length: 4 }, away));
  await expect(time.until(host.publish(request), 60_000)).rejects.toThrow('away');
  expect(events.filter((event) => event.startsWith('remove'))).toEqual([]);
  await time.until(host.publish(request), 60_000);
  expect(events.filter((event) => event.startsWith('put'))).toHaveLength(2);
  expect(published).toHaveLength(1);
});

test('a refusal is not tried again, and what is sealed anew is put anew', async () => {
  const { host, time, events } = world([], [new ConflictError('chunks', { dataSource: 't' })]);
  await expect(host.publish(request)).rejects.toThrow(ConflictError);
  expect(events.filter((event) => event === 'publish')).toHaveLength(1);
  await time.until(host.publish(request), 60_000);
  expect(events.filter((event) => event.startsWith('put'))).toHaveLength(4);
});
