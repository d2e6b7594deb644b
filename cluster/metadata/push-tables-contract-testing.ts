import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, ConflictError, ManualClock } from '../../core/index.js';
import type { MetadataStore } from './metadata-store.js';

/** To the node n2, by an owner of epoch 1. */
const MOVE = { table: 't', epoch: 1, position: 8, state: Uint8Array.of(1, 0, 255), to: 'n2' };

/** For tests: what every metadata store promises of push tables: where they stand in each log, and who owns them. */
export function testPushTables(name: string, open: (clock: Clock) => Promise<MetadataStore>): void {
  describe(`push tables in the metadata on ${name}`, () => {
    let store: MetadataStore;
    beforeEach(async () => {
      store = await open(new ManualClock(Date.UTC(2024, 0, 1)));
    });
    afterEach(() => store.close());

    const states = async () =>
      (await store.pushTables.logs()).map(
        ({ table, log, position }) => `${table} ${log} ${position}`,
      );
    const move = (log: string, from: number, to: number) =>
      store.pushTables.ofLog(log).publish({ table: 't', from, to, segments: new Map() });

    test('a table stands in each log by itself', async () => {
      const [n1, n2] = ['n1', 'n2'].map((log) => store.pushTables.ofLog(log));
      await n1!.declare('t', { a: 1 }, 10);
      expect(await n2!.tables()).toEqual([{ name: 't', versions: [{ a: 1 }], position: null }]);
      expect(await n2!.declare('t', { a: 2 }, 70)).toBe(2);
      const versions = [{ a: 1 }, { a: 2 }];
      await move('n1', 10, 20);
      expect(await n1!.tables()).toEqual([{ name: 't', versions, position: 20 }]);
      expect(await n2!.positions()).toEqual(new Map([['t', 70]]));
      await expect(move('n2', 20, 30)).rejects.toBeInstanceOf(ConflictError);
      await expect(move('n3', 20, 30)).rejects.toThrow(/log "n3".*stands at none/);
      await move('n2', 70, 71);
      await move('n1', 10, 20);
      expect(await states()).toEqual(['t n1 20', 't n2 71']);
    });

    test('a table has one owner, whose epoch grows', async () => {
      const assign = (node: string, epoch: number) =>
        store.pushTables.assignOwner('t', node, epoch);
      const outcomes = await Promise.allSettled(['n1', 'n2', 'n3'].map((node) => assign(node, 0)));
      const done = outcomes.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      expect(done.map(({ epoch }) => epoch)).toEqual([1]);
      expect(await store.pushTables.owners()).toEqual(new Map([['t', done[0]]]));
      expect(await states()).toEqual([]);
      await expect(assign('n4', 0)).rejects.toBeInstanceOf(ConflictError);
      await expect(assign('n4', 1)).rejects.toBeInstanceOf(ConflictError);
    });

    test('the log of the owner is open from when it takes the table up until the table is moved', async () => {
      const { pushTables } = store;
      const [n1, n2] = ['n1', 'n2'].map((log) => pushTables.ofLog(log));
      await pushTables.assignOwner('t', 'n1', 0);
      expect(await n1!.open('t', 3)).toBe(null);
      await pushTables.declare('t', { a: 1 });
      const opened = { name: 't', versions: [{ a: 1 }], epoch: 1, state: null };
      expect(await n1!.open('t', 5)).toEqual({ ...opened, position: 5 });
      expect(await n1!.open('t', 99)).toEqual({ ...opened, position: 5 });
      await expect(n2!.open('t', 0)).rejects.toThrow(/of the node "n1", not of "n2"/);
      await move('n1', 5, 8);
      const from = { ...MOVE, from: 'n1' };
      await expect(pushTables.move({ ...from, position: 5 })).rejects.toThrow(/stands at 8/);
      await expect(pushTables.move({ ...from, position: null })).rejects.toThrow(ConflictError);
      await expect(pushTables.move({ ...from, from: 'n2' })).rejects.toThrow(ConflictError);
      expect(await states()).toEqual(['t n1 8']);
      expect(await pushTables.move(from)).toEqual({ node: 'n2', epoch: 2 });
      expect(await states()).toEqual([]);
      await expect(pushTables.move(from)).rejects.toThrow(/"n2" in epoch 2, not 1/);
      await expect(move('n1', 8, 9)).rejects.toThrow(/stands at none/);
      await expect(n1!.open('t', 8)).rejects.toThrow(ConflictError);
      const there = { ...opened, epoch: 2, state: MOVE.state };
      expect(await n2!.open('t', 0)).toEqual({ ...there, position: 0 });
      await pushTables.move({ ...MOVE, from: 'n2', epoch: 2, position: 0, to: 'n2' });
      expect(await states()).toEqual([]);
      const back = { table: 't', from: 'n2', epoch: 3, position: null, state: null, to: 'n1' };
      expect(await pushTables.move(back)).toEqual({ node: 'n1', epoch: 4 });
      expect(await n1!.open('t', 20)).toEqual({ ...there, epoch: 4, position: 20 });
    });

    test('a node that is given up loses its tables, and what it has', async () => {
      const { pushTables } = store;
      const n1 = pushTables.ofLog('n1');
      for (const table of ['t', 'u', 'v']) {
        await pushTables.declare(table, {});
        await pushTables.assignOwner(table, table === 'v' ? 'n2' : 'n1', 0);
      }
      await n1.open('t', 4);
      expect(await pushTables.giveUp('n1')).toEqual(['t']);
      expect(await pushTables.giveUp('n1')).toEqual([]);
      expect(await states()).toEqual([]);
      expect(await pushTables.owners()).toEqual(
        new Map([
          ['t', { node: null, epoch: 2 }],
          ['u', { node: null, epoch: 2 }],
          ['v', { node: 'n2', epoch: 1 }],
        ]),
      );
      await expect(move('n1', 4, 5)).rejects.toThrow(ConflictError);
      expect((await n1.tables()).map(({ position }) => position)).toEqual([null, null, null]);
      expect(await pushTables.assignOwner('t', 'n2', 2)).toEqual({ node: 'n2', epoch: 3 });
    });
  });
}
