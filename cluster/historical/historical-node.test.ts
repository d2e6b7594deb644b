import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLogger, UnavailableError, VirtualDisk } from '../../core/index.js';
import { HistoricalNode } from './historical-node.js';
import { bytesOf, DIRECTORY, segmentOfDay, TestTransfer } from './shelf-fixture-testing.js';

const { signal } = new AbortController();
const SEGMENTS = Array.from({ length: 6 }, (_, day) => segmentOfDay(day, 1000));
const [A, B, C] = SEGMENTS as [(typeof SEGMENTS)[0], (typeof SEGMENTS)[0], (typeof SEGMENTS)[0]];

function fixture(disk = new VirtualDisk()) {
  const transfer = new TestTransfer(disk, SEGMENTS);
  const changes: string[] = [];
  const node = new HistoricalNode({
    disk,
    directory: DIRECTORY,
    transfer,
    logger: silentLogger,
    maxBytes: 5000,
    coldBytes: 2000,
    onChange: ({ kind, segment, isAssigned }) => {
      const day = segment.id.interval.startMs / 86_400_000;
      changes.push(`${kind} ${day}${isAssigned ? '' : ' cold'}`);
    },
  });
  const settle = async () => {
    for (let i = 0; i < 30; i++) await setImmediate();
  };
  return { disk, transfer, node, changes, settle };
}

test('loads and drops what it is told, and tells what it serves', async () => {
  const { disk, transfer, node, changes, settle } = fixture();
  node.load(A);
  node.load(A);
  node.load(B);
  expect(node.state.orders.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'load waiting',
    'load waiting',
  ]);
  await settle();
  expect(transfer.fetched).toHaveLength(2);
  const table = { t: { count: 2, sizeBytes: 2000 } };
  const counts = { assignedCount: 2, coldCount: 0, assignedBytes: 2000, loadingCount: 0 };
  expect(node.state).toMatchObject({ ...counts, tables: table, orders: [] });
  const held = await node.hold(C, signal);
  expect(disk.readFile(held.path)).toEqual(bytesOf(C));
  held.release();
  node.drop(A.idText);
  await settle();
  expect(changes.slice(0, 4).sort()).toEqual([
    'added 0 cold',
    'added 1 cold',
    'changed 0',
    'changed 1',
  ]);
  expect(changes.slice(4)).toEqual(['added 2 cold', 'removed 0']);
  await node.close();
  const again = fixture(disk);
  expect([...again.node.segments()].map(({ isAssigned }) => isAssigned).sort()).toEqual([
    false,
    true,
  ]);
  expect(again.changes).toEqual([]);
});

test('what cannot be loaded is remembered with the reason until it is ordered again', async () => {
  const { transfer, node, settle } = fixture();
  transfer.onFetch = () => Promise.reject(new UnavailableError('deep storage is away'));
  node.load(A);
  await settle();
  const failed = { idText: A.idText, kind: 'load', state: 'failed', error: 'deep storage is away' };
  expect(node.state.orders).toEqual([{ ...failed, sizeBytes: 1000 }]);
  transfer.onFetch = async () => undefined;
  node.load(A);
  await settle();
  expect(node.state).toMatchObject({ assignedCount: 1, orders: [] });
  for (const each of SEGMENTS) node.load(each);
  await settle();
  const { orders, assignedBytes, maxAssignedBytes } = node.state;
  expect([assignedBytes, maxAssignedBytes]).toEqual([3000, 3000]);
  expect(orders.map(({ error }) => error)).toEqual(
    orders.map(() => expect.stringContaining('add disk or historicals')),
  );
  expect(orders).toHaveLength(3);
});

test('the last order counts', async () => {
  const { node, settle } = fixture();
  node.load(A);
  node.drop(A.idText);
  await settle();
  expect([...node.segments()]).toEqual([]);
  node.load(A);
  await setImmediate();
  node.drop(A.idText);
  node.load(A);
  await settle();
  expect(node.state).toMatchObject({ assignedCount: 1, orders: [] });
  const held = await node.hold(A, signal);
  node.drop(A.idText);
  await settle();
  expect(node.state).toMatchObject({
    assignedCount: 0,
    orders: [{ kind: 'drop', state: 'running' }],
  });
  node.load(A);
  await settle();
  held.release();
  await settle();
  expect(node.state).toMatchObject({ assignedCount: 1, orders: [] });
  node.reportDamage(A.idText);
  await settle();
  expect(node.state).toMatchObject({ assignedCount: 1, orders: [] });
  await node.close();
});

test('closing ends what is under way', async () => {
  const { transfer, node } = fixture();
  transfer.onFetch = () => new Promise((resolve) => void setTimeout(resolve, 5));
  for (const each of SEGMENTS) node.load(each);
  const held = node.hold(SEGMENTS[5]!, signal);
  await setImmediate();
  await Promise.all([node.close(), expect(held).rejects.toThrow(UnavailableError)]);
  expect([...transfer.running.values()].every((count) => count === 0)).toBe(true);
});
