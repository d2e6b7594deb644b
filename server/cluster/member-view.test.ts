import { afterEach, expect, test } from 'vitest';
import { MetadataStore } from '../../cluster/index.js';
import { ConflictError, ManualClock, NotFoundError } from '../../core/index.js';
import { nodeRoutes } from '../http/nodes.js';
import { type MemberViewOptions, memberView } from './member-view.js';

const stores: MetadataStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

test('a node is given up when it is gone, and only where it had tables', async () => {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  stores.push(store);
  const { pushTables, pushLogs } = store;
  await pushTables.declare('t', {});
  await pushTables.assignOwner('t', 'r1', 0);
  await pushTables.ofLog('r1').open('t', 0);
  const alive = new Set(['r1']);
  const nodes = { node: (name: string) => (alive.has(name) ? { name } : null) };
  const view = memberView({ nodes, pushTables, pushLogs } as unknown as MemberViewOptions);
  await expect(view.giveUp('r1')).rejects.toThrow(ConflictError);
  await expect(view.giveUp('r2')).rejects.toThrow(NotFoundError);
  alive.delete('r1');
  const answer = await nodeRoutes(view).request('/r1/give-up', { method: 'POST' });
  expect(await answer.json()).toEqual({ node: 'r1', tablesThatMayLackRows: ['t'] });
  expect(await pushTables.logs()).toEqual([]);
  expect((await pushTables.owners()).get('t')).toEqual({ node: null, epoch: 2 });
  await expect(view.giveUp('r1')).rejects.toThrow(NotFoundError);
});

test('a node is not given up while another one has its rows, and publishes them', async () => {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  stores.push(store);
  const { pushTables, pushLogs } = store;
  const claim = await pushLogs.claim('r1', null);
  if (claim.kind !== 'held') throw new Error('it is the first one');
  await pushTables.declare('t', {});
  await pushTables.assignOwner('t', 'r1', 0);
  await pushTables.ofLog('r1', claim.hold).open('t', 0);
  await pushLogs.setStandbys(claim.hold, 'x', ['r2', 'r3']);
  const alive = new Set(['r3']);
  const nodes = { node: (name: string) => (alive.has(name) ? { name } : null) };
  const view = memberView({ nodes, pushTables, pushLogs } as unknown as MemberViewOptions);
  await expect(view.giveUp('r1')).rejects.toThrow(/the node "r3" has the rows of "r1"/);
  await pushLogs.takeOver('r1', 'x', 'r3');
  await expect(view.giveUp('r1')).rejects.toThrow(ConflictError);
  alive.delete('r3');
  expect(await view.giveUp('r3')).toEqual(['t']);
  expect(await pushLogs.claim('r1', 'x')).toEqual({ kind: 'spent' });
});
