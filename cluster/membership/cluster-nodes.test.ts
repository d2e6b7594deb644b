import { expect, test } from 'vitest';
import { silentLogger, VirtualTime } from '../../core/index.js';
import { ClusterNodes } from './cluster-nodes.js';
import { Membership, type ReplacedError } from './membership.js';
import { MemoryNodeTable, recordOf } from './simulation-testing.js';

async function world() {
  const time = new VirtualTime();
  const table = new MemoryNodeTable();
  const logger = silentLogger;
  const nodes = new ClusterNodes({
    table,
    clock: time,
    timers: time,
    logger,
    pollMs: 100,
    timeoutMs: 1000,
  });
  const seen: string[] = [];
  nodes.listen((changes) => {
    for (const { kind, node } of changes) seen.push(`${kind} ${node.incarnation}`);
  });
  const replaced: ReplacedError[] = [];
  const join = (name: string, incarnation: string) =>
    Membership.join(recordOf(name, incarnation), {
      table,
      timers: time,
      logger,
      beatMs: 200,
      onReplaced: (error) => replaced.push(error),
    });
  const told = () => seen.splice(0);
  return { time, table, nodes, join, told, replaced };
}

test('nodes are found, and lost when they leave', async () => {
  const { time, nodes, join, told } = await world();
  const a = await join('a', 'a1');
  await nodes.start();
  await join('b', 'b1');
  await time.run(5000);
  expect(told()).toEqual(['found a1', 'found b1']);
  expect(nodes.alive('historical').map(({ name }) => name)).toEqual(['a', 'b']);
  expect(nodes.alive('coordinator')).toEqual([]);
  await a.leave();
  await time.run(200);
  expect(told()).toEqual(['lost a1']);
});

test('a node that does not beat is lost after the time-out, and found by its next beat', async () => {
  const { time, table, nodes, told } = await world();
  await table.register(recordOf('a', 'a1'));
  await nodes.start();
  await time.run(900);
  expect(told()).toEqual(['found a1']);
  await time.run(300);
  expect(told()).toEqual(['lost a1']);
  await time.run(10_000);
  expect(told()).toEqual([]);
  await table.beat('a', 'a1');
  await time.run(100);
  expect(told()).toEqual(['found a1']);
});

test('another incarnation under the name: the first one ends, the others are told of both', async () => {
  const { time, nodes, join, told, replaced } = await world();
  await join('a', 'a1');
  await nodes.start();
  await join('a', 'a2');
  await time.run(1000);
  expect(told()).toEqual(['found a1', 'lost a1', 'found a2']);
  expect(replaced.map(({ message }) => message)).toEqual([
    expect.stringContaining('another node has registered under the name "a"'),
  ]);
});

test('nothing is waited for of one whose counter stands still or whose name another one has, but of one that leaves', async () => {
  const { time, table, nodes, join } = await world();
  await table.register(recordOf('hangs', 'h1'));
  await join('replaced', 'r1');
  const leaving = await join('leaves', 'l1');
  await nodes.start();
  const silent: string[] = [];
  const end = nodes.listenForSilence((name) => silent.push(name));
  await time.run(500);
  // That nobody could connect to it says nothing of what it was asked before.
  nodes.suspect('hangs', 'h1');
  await leaving.leave();
  await time.run(100);
  expect(silent).toEqual([]);
  await join('replaced', 'r2');
  await time.run(100);
  expect(silent).toEqual(['replaced']);
  await time.run(10_000);
  expect(silent).toEqual(['replaced', 'hangs']);
  await table.beat('hangs', 'h1');
  await time.run(2000);
  expect(silent).toEqual(['replaced', 'hangs', 'hangs']);
  end();
  await table.beat('hangs', 'h1');
  await time.run(2000);
  expect(silent).toHaveLength(3);
});

test('one that is suspected is lost at once, until it beats again', async () => {
  const { time, nodes, join, told } = await world();
  await join('a', 'a1');
  await nodes.start();
  nodes.suspect('a', 'another');
  nodes.suspect('nobody', 'a1');
  expect(told()).toEqual(['found a1']);
  nodes.suspect('a', 'a1');
  expect(told()).toEqual(['lost a1']);
  expect(nodes.node('a')).toBeNull();
  await time.run(400);
  expect(told()).toEqual(['found a1']);
});

test('nobody is lost while the table is away, however long', async () => {
  const { time, table, nodes, join, told } = await world();
  await join('a', 'a1');
  await nodes.start();
  table.isAway = true;
  await time.run(60_000);
  table.isAway = false;
  await time.run(5000);
  expect(told()).toEqual(['found a1']);
});

test('a record that says something else is told as a change', async () => {
  const { time, table, nodes, told } = await world();
  await table.register(recordOf('a', 'a1'));
  await nodes.start();
  await table.register(recordOf('a', 'a1', { capacityBytes: 10 }));
  await time.run(200);
  expect(told()).toEqual(['found a1', 'changed a1']);
  expect(nodes.node('a')?.capacityBytes).toBe(10);
});
