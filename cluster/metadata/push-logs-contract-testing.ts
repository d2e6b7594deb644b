import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConflictError, FencedError, SeededRandom, VarveError } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import type { MetadataStore } from './metadata-store.js';
import type { LogClaim, LogHold } from './push-logs.js';

const ID = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const LOGS = ['n0', 'n1'];

/** For tests: what metadata stores promise of push logs and their copies; `open` gives those of several processes over one database. */
export function testPushLogs(
  name: string,
  open: (count: number) => Promise<readonly MetadataStore[]>,
): void {
  describe(`push logs in the metadata on ${name}`, () => {
    let stores: readonly MetadataStore[];
    let store: MetadataStore;
    beforeEach(async () => {
      stores = await open(3);
      store = stores[0]!;
    });
    afterEach(async () => {
      for (const each of new Set(stores)) await each.close();
    });

    const state = async (log = 'n0') =>
      (await store.pushLogs.list()).find((each) => each.log === log) ?? null;

    const held = (claim: LogClaim): LogHold => {
      if (claim.kind !== 'held') throw new Error(`it is ${claim.kind}`);
      return claim.hold;
    };

    /** n0 holds its log, and n1 and n2 have all of it. */
    const withStandbys = async (): Promise<LogHold> => {
      const hold = held(await store.pushLogs.claim('n0', null));
      await store.pushLogs.setStandbys(hold, ID, ['n1', 'n2']);
      return hold;
    };

    test('a node takes its log, and takes it again without its standbys', async () => {
      const { pushLogs } = store;
      expect(await pushLogs.list()).toEqual([]);
      const hold = await withStandbys();
      expect(hold).toEqual({ log: 'n0', node: 'n0', epoch: 1 });
      const standbys = ['n1', 'n2'];
      const named = { log: 'n0', logId: ID, holder: 'n0', epoch: 1, standbys };
      expect(await pushLogs.list()).toEqual([named]);
      const again = held(await pushLogs.claim('n0', ID));
      expect(again.epoch).toBe(2);
      expect(await state()).toEqual({ ...named, logId: null, epoch: 2, standbys: [] });
      // Nobody has a copy: what the disk holds is all there is.
      expect(held(await pushLogs.claim('n0', OTHER)).epoch).toBe(3);
    });

    test('a disk that has lost the log of which there are copies does not begin anew', async () => {
      await withStandbys();
      const before = await state();
      for (const found of [null, OTHER]) {
        const claim = await store.pushLogs.claim('n0', found);
        expect(claim).toEqual({ kind: 'lost', standbys: ['n1', 'n2'] });
      }
      expect(await state()).toEqual(before);
    });

    test('a disk without the log of which rows are not published does not begin anew, copies or not', async () => {
      const { pushLogs, pushTables } = store;
      const hold = held(await pushLogs.claim('n0', null));
      await pushTables.ofLog('n0', hold).declare('t', {}, 0);
      const before = await state();
      expect(await pushLogs.claim('n0', null)).toEqual({ kind: 'lost', standbys: [] });
      expect(await state()).toEqual(before);
      const again = held(await pushLogs.claim('n0', ID));
      await pushLogs.setStandbys(again, ID, ['n1']);
      await pushLogs.disclaim('n0', ID, 'n1');
      for (const found of [null, OTHER]) {
        expect(await pushLogs.claim('n0', found)).toEqual({ kind: 'lost', standbys: [] });
      }
      expect(await pushTables.giveUp('n0')).toEqual(['t']);
      expect(held(await pushLogs.claim('n0', null)).epoch).toBe(4);
    });

    test('who has lost what it took over gives it back to the node of the log', async () => {
      const { pushLogs } = store;
      await withStandbys();
      const hold = await pushLogs.takeOver('n0', ID, 'n1');
      await pushLogs.disclaim('n0', ID, 'n1');
      expect(await state()).toMatchObject({ holder: 'n0', epoch: 3, standbys: ['n2'] });
      await expect(pushLogs.finish(hold)).rejects.toThrow(FencedError);
      expect(await pushLogs.claim('n0', null)).toEqual({ kind: 'lost', standbys: ['n2'] });
      expect(held(await pushLogs.claim('n0', ID)).epoch).toBe(4);
    });

    test('a standby takes over, and publishes what is left; then the node begins anew', async () => {
      const { pushLogs, pushTables } = store;
      const old = await withStandbys();
      await pushTables.ofLog('n0', old).declare('t', {}, 5);
      const hold = await pushLogs.takeOver('n0', ID, 'n2');
      expect(hold).toEqual({ log: 'n0', node: 'n2', epoch: 2 });
      expect(await pushLogs.takeOver('n0', ID, 'n2')).toEqual(hold);
      expect(await state()).toMatchObject({ holder: 'n2', logId: ID, standbys: ['n1'] });
      expect(await pushLogs.claim('n0', ID)).toEqual({ kind: 'takenOver', by: 'n2' });
      await expect(pushLogs.finish(hold)).rejects.toThrow(/the table "t" has not left/);
      const move = { table: 't', from: 'n0', epoch: 0, position: 5, state: null, to: 'n1', hold };
      await expect(pushTables.move(move)).rejects.toThrow(ConflictError);
      await pushTables.giveUp('n0');
      expect(await state()).toMatchObject({ holder: null, standbys: [] });
    });

    test('what is finished is spent: the disk that has it gives it up', async () => {
      const { pushLogs, changes } = store;
      await withStandbys();
      expect((await changes.read(new Map())).endedLogs).toEqual([]);
      await pushLogs.finish(await pushLogs.takeOver('n0', ID, 'n1'));
      expect((await changes.read(new Map())).endedLogs).toEqual([ID]);
      expect(await pushLogs.claim('n0', ID)).toEqual({ kind: 'spent' });
      expect(held(await pushLogs.claim('n0', null)).epoch).toBe(4);
      expect(await state()).toMatchObject({ holder: 'n0', logId: null });
      expect((await changes.read(new Map())).endedLogs).toEqual([]);
    });

    test('the next standby goes on where one that took over is lost', async () => {
      await withStandbys();
      const first = await store.pushLogs.takeOver('n0', ID, 'n1');
      const second = await store.pushLogs.takeOver('n0', ID, 'n2');
      expect(second).toEqual({ log: 'n0', node: 'n2', epoch: first.epoch + 1 });
      await expect(store.pushLogs.finish(first)).rejects.toThrow(FencedError);
      await expect(store.pushLogs.takeOver('n0', ID, 'n1')).rejects.toThrow(ConflictError);
      await store.pushLogs.finish(second);
    });

    test.each<[string, (hold: LogHold) => Promise<unknown>, [string, string]]>([
      ['is not named', (hold) => store.pushLogs.setStandbys(hold, ID, ['n2']), [ID, 'n1']],
      ['is of another log', async () => undefined, [OTHER, 'n1']],
      ['is said to be lost', () => store.pushLogs.disclaim('n0', ID, 'n1'), [ID, 'n1']],
      ['nobody needs', (hold) => store.pushLogs.release(hold), [ID, 'n1']],
      ['is of a process before', () => store.pushLogs.claim('n0', ID), [ID, 'n1']],
    ])('a copy that %s does not take over', async (_, first, [id, node]) => {
      await first(await withStandbys());
      const before = await state();
      await expect(store.pushLogs.takeOver('n0', id, node)).rejects.toThrow(ConflictError);
      expect(await state()).toEqual(before);
    });

    test('a copy that is said to be lost is that of one node and one log', async () => {
      await withStandbys();
      await store.pushLogs.disclaim('n0', OTHER, 'n1');
      await store.pushLogs.disclaim('n9', ID, 'n1');
      expect(await state()).toMatchObject({ epoch: 1, standbys: ['n1', 'n2'] });
      await store.pushLogs.disclaim('n0', ID, 'n1');
      expect(await state()).toMatchObject({ epoch: 1, standbys: ['n2'] });
    });

    const nothing = new Map();
    test.each<[string, (hold: LogHold) => Promise<unknown>]>([
      ['setStandbys', (hold) => store.pushLogs.setStandbys(hold, ID, [])],
      ['release', (hold) => store.pushLogs.release(hold)],
      ['finish', (hold) => store.pushLogs.finish(hold)],
      ['open', (hold) => store.pushTables.ofLog('n0', hold).open('t', 0)],
      ['declare', (hold) => store.pushTables.ofLog('n0', hold).declare('t', {}, 0)],
      [
        'publish',
        (hold) =>
          store.pushTables
            .ofLog('n0', hold)
            .publish({ table: 't', from: 0, to: 9, segments: nothing }),
      ],
      [
        'move',
        (hold) =>
          store.pushTables.move({
            ...{ table: 't', from: 'n0', epoch: 1, position: 0, state: null, to: 'n1', hold },
          }),
      ],
    ])('who holds a log no more can do nothing with it: %s', async (_, work) => {
      const hold = await withStandbys();
      await store.pushTables.declare('t', {});
      await store.pushTables.assignOwner('t', 'n0', 0);
      await store.pushTables.ofLog('n0', hold).open('t', 0);
      await store.pushLogs.takeOver('n0', ID, 'n1');
      const all = async () => [
        await state(),
        await store.pushTables.logs(),
        await store.pushTables.owners(),
        await store.pushTables.specs(),
      ];
      const before = await all();
      await expect(work(hold)).rejects.toThrow(FencedError);
      expect(await all()).toEqual(before);
    });

    test('a node that is given up loses what it took over, too', async () => {
      const { pushLogs, pushTables } = store;
      const hold = await withStandbys();
      await pushTables.declare('t', {});
      await pushTables.assignOwner('t', 'n0', 0);
      await pushTables.ofLog('n0', hold).open('t', 0);
      held(await pushLogs.claim('n1', null));
      await pushLogs.takeOver('n0', ID, 'n1');
      expect(await pushTables.giveUp('n1')).toEqual(['t']);
      expect((await pushTables.owners()).get('t')).toEqual({ node: null, epoch: 2 });
      expect(await pushTables.logs()).toEqual([]);
      expect((await pushLogs.list()).map(({ holder }) => holder)).toEqual([null, null]);
      expect(await pushLogs.claim('n0', ID)).toEqual({ kind: 'spent' });
    });

    test('whatever they do at once: one holds a log after the other, and only that one publishes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const world = new World(await open(3), seed);
          await world.run(25);
          for (const log of LOGS) {
            const epochs = world.holds.flatMap((hold) => (hold.log === log ? hold.epoch : []));
            expect(new Set(epochs).size).toBe(epochs.length);
            const published = world.published.filter((each) => each.hold.log === log);
            published.sort((a, b) => a.from - b.from);
            for (const [i, { hold, from }] of published.entries()) {
              expect(from).toBe(i);
              expect(hold.epoch).toBeGreaterThanOrEqual(published[i - 1]?.hold.epoch ?? 0);
            }
          }
          await world.close();
        }),
        { numRuns: draws(6) },
      );
    });
  });
}

/** Processes that want the same logs, and are told of each other by nobody. */
class World {
  /** All that were ever given. */
  readonly holds: LogHold[] = [];
  readonly published: { readonly hold: LogHold; readonly from: number }[] = [];
  readonly #random: SeededRandom;

  constructor(
    private readonly stores: readonly MetadataStore[],
    seed: number,
  ) {
    this.#random = new SeededRandom(seed);
  }

  async run(steps: number): Promise<void> {
    for (const log of LOGS) await this.stores[0]!.pushTables.ofLog(log).declare('t', {}, 0);
    await Promise.all(
      this.stores.map(async (store, i) => {
        for (let step = 0; step < steps; step++) await this.#act(store, `n${i}`);
      }),
    );
  }

  async close(): Promise<void> {
    for (const store of new Set(this.stores)) await store.close();
  }

  async #act(store: MetadataStore, node: string): Promise<void> {
    const log = LOGS[this.#dice(LOGS.length)]!;
    const mine = this.holds.filter((hold) => hold.log === log && hold.node === node).at(-1);
    const dice = this.#dice(8);
    try {
      if (dice === 0 && LOGS.includes(node)) {
        const claim = await store.pushLogs.claim(node, ID);
        if (claim.kind === 'held') this.holds.push(claim.hold);
      } else if (dice <= 1) await this.#takeOver(store, log, node);
      else if (mine === undefined) return;
      else if (dice <= 3) await store.pushLogs.setStandbys(mine, ID, ['n0', 'n1', 'n2']);
      else await this.#publish(store, mine);
    } catch (error) {
      if (!(error instanceof VarveError) || error.family === 'internal') throw error;
    }
  }

  async #takeOver(store: MetadataStore, log: string, node: string): Promise<void> {
    const hold = await store.pushLogs.takeOver(log, ID, node);
    const isNew = !this.holds.some((each) => each.log === log && each.epoch === hold.epoch);
    if (isNew) this.holds.push(hold);
  }

  async #publish(store: MetadataStore, hold: LogHold): Promise<void> {
    const catalog = store.pushTables.ofLog(hold.log, hold);
    const from = (await catalog.positions()).get('t')!;
    await catalog.publish({ table: 't', from, to: from + 1, segments: new Map() });
    // A repeat of the last one succeeds, and is none.
    const isNew = !this.published.some((each) => each.hold.log === hold.log && each.from === from);
    if (isNew) this.published.push({ hold, from });
  }

  #dice(below: number): number {
    return this.#random.nextUint32() % below;
  }
}
