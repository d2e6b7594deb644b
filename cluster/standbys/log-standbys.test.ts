import { expect, test } from 'vitest';
import {
  crc32c,
  FencedError,
  silentLogger,
  systemTimers,
  UnavailableError,
  utf8Encode,
} from '../../core/index.js';
import type { CopySession, LogGroup } from '../../ingest/index.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import { copyMethods } from './copy-methods.js';
import { LogStandbys } from './log-standbys.js';

const SECRET = 'sixteen-letters-or-more';
const HOLD = { log: 'r1', node: 'r1', epoch: 1 };
const START = { logId: 'x', position: 0, checkpoint: new Uint8Array(3_000_000).fill(7) };

/** Millions of bytes are slow to compare one by one. */
const brief = (what: unknown): string =>
  JSON.stringify(what, (_, value) =>
    value instanceof Uint8Array ? `${value.length} bytes: ${crc32c(value)}` : value,
  );

const groupOf = (position: number, ...texts: string[]): LogGroup => ({
  position,
  checkpoint: null,
  payloads: texts.map(utf8Encode),
});

/** The node r1 with its standbys, and others that keep what they are told. */
function world() {
  const carrier = new LocalCarrier();
  const wire = (name: string) => ({
    self: { name, incarnation: '1', roles: ['realtime' as const] },
    cluster: 'c',
    secret: SECRET,
    timers: systemTimers,
  });
  const told = new Map<string, string[]>();
  const named: (readonly string[])[] = [];
  const failures: unknown[] = [];
  const refusing = new Set<string>();
  for (const name of ['r2', 'r3']) {
    const calls: string[] = [];
    told.set(name, calls);
    const note = async ({ log }: CopySession, what: unknown) => {
      if (refusing.has(name)) throw new UnavailableError('no room');
      calls.push(`${log} ${brief(what)}`);
    };
    const methods = new NodeMethods({ ...wire(name), logger: silentLogger });
    const kept = { begin: note, append: note, trim: note };
    for (const method of copyMethods(kept, 64 << 20)) methods.add(method);
    carrier.connect(name, methods);
  }
  let sessions = 0;
  const ending = new AbortController();
  const standbysOf = (caller: string) =>
    new LogStandbys({
      hold: HOLD,
      logs: {
        async setStandbys(_, __, standbys) {
          const failure = failures.shift();
          if (failure !== undefined) throw failure;
          named.push(standbys);
        },
      },
      client: new NodeClient(carrier, wire(caller)),
      urlOf: (node) => (node === 'away' ? null : node),
      newSession: () => String(++sessions),
      timers: systemTimers,
      logger: silentLogger,
      signal: ending.signal,
    });
  return { standbys: standbysOf('r1'), standbysOf, told, named, failures, refusing, ending };
}

test('a node gets the beginning, then groups, whole; it counts when it has joined', async () => {
  const { standbys, told, named } = world();
  await standbys.begin('r2', START);
  await standbys.send('r2', groupOf(0, 'a', '', 'ü'.repeat(900_000)));
  expect(await standbys.append(groupOf(9, 'seen by nobody'))).toBe(0);
  await standbys.join('r2');
  const second = { ...groupOf(50, 'b'), checkpoint: utf8Encode('state') };
  expect(await standbys.append(second)).toBe(1);
  standbys.trim(40);
  await expect.poll(() => told.get('r2')!.length).toBe(4);
  const first = groupOf(0, 'a', '', 'ü'.repeat(900_000));
  expect(told.get('r2')).toEqual([START, first, second, 40].map((what) => `r1 ${brief(what)}`));
  expect(named).toEqual([['r2']]);
});

test('who does not take a group is struck off before it is acknowledged, however often that takes', async () => {
  const { standbys, named, refusing, failures } = world();
  for (const node of ['r2', 'r3']) {
    await standbys.begin(node, START);
    await standbys.join(node);
  }
  refusing.add('r2');
  failures.push(new UnavailableError('away'), new UnavailableError('away'));
  expect(await standbys.append(groupOf(0, 'a'))).toBe(1);
  expect(failures).toEqual([]);
  expect(named).toEqual([['r2'], ['r2', 'r3'], ['r3']]);
  expect(standbys.names).toEqual(['r3']);
});

test('who may have joined without that anybody heard of it is struck off with the next group', async () => {
  const { standbys, named, failures } = world();
  await standbys.begin('r2', START);
  failures.push(new UnavailableError('the answer was lost'));
  await expect(standbys.join('r2')).rejects.toThrow('the answer was lost');
  expect(named).toEqual([]);
  expect(await standbys.append(groupOf(0, 'a'))).toBe(0);
  expect(named).toEqual([[]]);
  expect(await standbys.append(groupOf(1, 'b'))).toBe(0);
  expect(named).toEqual([[]]);
});

test('who may have joined, or has, is struck off before its copy begins anew', async () => {
  const { standbys, named, failures, told } = world();
  await standbys.begin('r2', START);
  await standbys.join('r2');
  await standbys.begin('r2', START);
  expect(named).toEqual([['r2'], []]);
  failures.push(new UnavailableError('the answer was lost'));
  await expect(standbys.join('r2')).rejects.toThrow('the answer was lost');
  failures.push(new FencedError('held by r3', 'r1'));
  await expect(standbys.begin('r2', START)).rejects.toThrow(FencedError);
  expect(told.get('r2')).toHaveLength(2);
});

test('who does not take a group is struck off, also when another one is at the same time', async () => {
  const { standbys, named, refusing } = world();
  for (const node of ['r2', 'r3']) {
    await standbys.begin(node, START);
    await standbys.join(node);
  }
  refusing.add('r3');
  const appended = standbys.append(groupOf(0, 'a'));
  await standbys.leaveBehind(['r2']);
  expect(await appended).toBe(0);
  expect(named.slice(-2)).toEqual([['r3'], []]);
});

test('nothing is acknowledged by who holds the log no more, nor by who ends', async () => {
  const { standbys, refusing, failures, ending } = world();
  await standbys.begin('r2', START);
  await standbys.join('r2');
  refusing.add('r2');
  failures.push(new FencedError('held by r2', 'r1'));
  await expect(standbys.append(groupOf(0, 'a'))).rejects.toThrow(FencedError);
  expect(standbys.names).toEqual(['r2']);
  failures.push(new UnavailableError('away'));
  ending.abort(new Error('the node ends'));
  await expect(standbys.append(groupOf(0, 'a'))).rejects.toThrow('the node ends');
});

test('who is away cannot begin, and nobody writes the log of another node', async () => {
  const { standbys, standbysOf } = world();
  await expect(standbys.begin('away', START)).rejects.toThrow('the node "away" is not there');
  await expect(standbys.send('r3', groupOf(0, 'a'))).rejects.toThrow(UnavailableError);
  await expect(standbysOf('r9').begin('r2', START)).rejects.toThrow(
    'the node "r9" does not write the log "r1"',
  );
});
