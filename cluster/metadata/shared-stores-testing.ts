import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConflictError, SeededRandom } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { DEAD_LETTERS } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import type { SourceState } from './change-feed.js';
import { chunkIntervalsOf } from './chunk-intervals.js';
import type { MetadataStore } from './metadata-store.js';
import { ALL_SEGMENTS, segmentsIn } from './segment-selection.js';

const NOBODY = { author: '', comment: '', ip: '' };

const TABLES = ['t', 'u'];

/** A push log of a node, whose commands are numbered rows; each handoff publishes those since the last one. */
interface Log {
  readonly name: string;
  /** By table: how many commands there are, and which of them the node believes to be published. */
  readonly ends: Map<string, number>;
  readonly positions: Map<string, number>;
}

/** Several processes over one database, whose steps are mixed by chance. */
class World {
  /** Tasks whose publish came through. */
  readonly published = new Set<string>();
  readonly everGiven = new Set<string>();
  readonly logs: Log[];
  #tasks = 0;

  constructor(
    readonly stores: readonly MetadataStore[],
    readonly dice: (below: number) => number,
  ) {
    this.logs = stores.map((_, i) => ({
      name: `n${i}`,
      ends: new Map(TABLES.map((table) => [table, 0])),
      positions: new Map(TABLES.map((table) => [table, 0])),
    }));
  }

  async run(steps: number): Promise<void> {
    for (const [i, store] of this.stores.entries()) {
      for (const table of TABLES) await store.pushTables.ofLog(`n${i}`).declare(table, {}, 0);
    }
    await Promise.all([
      ...this.stores.map(async (store, i) => {
        for (let step = 0; step < steps; step++) await this.#act(store, this.logs[i]!);
      }),
      ...this.stores.map((store) => this.#watch(store, steps * 2)),
    ]);
  }

  async #act(store: MetadataStore, log: Log): Promise<void> {
    const table = TABLES[this.dice(TABLES.length)]!;
    const dice = this.dice(10);
    if (dice < 3) await this.#publish(store, table);
    else if (dice < 6) await this.#handOff(store, log, table);
    else if (dice < 7) await store.segments.drop(table, segmentsIn(this.#days()));
    else if (dice < 8) await store.segments.restore(table, ALL_SEGMENTS);
    else if (dice < 9) await this.#kill(store, table);
    else await store.segments.hasPublished('none');
  }

  /** Twice at once, as after an answer that was lost. */
  async #publish(store: MetadataStore, dataSource: string): Promise<void> {
    const taskId = `task-${this.#tasks++}`;
    const interval = this.#days();
    const segments = [0, 1].map((i) => chunkSegment(interval, `${taskId}-${i}`));
    const mode = this.dice(2) === 0 ? 'append' : 'overwrite';
    const request = { ...publishOf(taskId, mode, segments), dataSource };
    const other = this.stores[this.dice(this.stores.length)]!;
    const both = await Promise.all([store, other].map((each) => each.segments.publish(request)));
    const [first, second] = both.map((ids) => ids.map(segmentIdText));
    // Between the two some of its segments may have been killed.
    const [given, left] = first!.length < second!.length ? [second!, first!] : [first!, second!];
    expect(given).toHaveLength(segments.length);
    expect(left).toEqual(given.filter((id) => left.includes(id)));
    this.#give(given);
    this.published.add(taskId);
  }

  async #handOff(store: MetadataStore, log: Log, table: string): Promise<void> {
    const from = log.positions.get(table)!;
    const to = from + 1 + this.dice(3);
    log.ends.set(table, to);
    for (;;) {
      const segments = new Map();
      for (const dataSource of [table, DEAD_LETTERS]) {
        const path = `${log.name}/${table}/${from}-${to}`;
        const chunkIntervals = chunkIntervalsOf(await store.segments.used(dataSource));
        const day = chunkIntervals[0] ?? days(0, 1);
        segments.set(dataSource, { chunkIntervals, segments: [chunkSegment(day, path)] });
      }
      const request = { table, from, to, segments };
      const catalog = store.pushTables.ofLog(log.name);
      try {
        await Promise.all([catalog.publish(request), catalog.publish(request)]);
        break;
      } catch (error) {
        // The chunks have changed since they were looked at.
        expect(error).toBeInstanceOf(ConflictError);
        expect((error as ConflictError).context).toHaveProperty('dataSource');
        // Of two at once the other one may be through.
        if ((await catalog.positions()).get(table) === to) break;
      }
    }
    log.positions.set(table, to);
  }

  async #kill(store: MetadataStore, table: string): Promise<void> {
    const order = { interval: ETERNITY, versions: null, maxUsedChangedMs: null, ids: null };
    await store.segments.kill(table, { ...order, limit: 1 + this.dice(3) });
  }

  /** Follows the changes: whatever moment is read, rows of a handoff are before the position or in a segment. */
  async #watch(store: MetadataStore, times: number): Promise<void> {
    const known = new Map<string, SourceState>();
    for (let i = 0; i < times; i++) {
      const { sources, logs } = await store.changes.read(known);
      for (const [name, state] of sources) {
        expect(state.counter).toBeGreaterThan(known.get(name)?.counter ?? 0);
        known.set(name, state);
      }
      // Dead letters are never dropped here, so that all that were handed off are there.
      const letters = [...(known.get(DEAD_LETTERS)?.segments.values() ?? [])];
      for (const { table, log, position } of logs) {
        const ends = letters.flatMap(({ sealed }) =>
          sealed.path.startsWith(`${log}/${table}/`) ? Number(sealed.path.split('-')[1]) : [],
        );
        expect(Math.max(0, ...ends)).toBe(position);
      }
    }
  }

  #days() {
    const day = this.dice(3);
    return days(day, day + 1);
  }

  #give(ids: readonly string[]): void {
    for (const id of ids) {
      expect(this.everGiven.has(id)).toBe(false);
      this.everGiven.add(id);
    }
  }
}

/** For tests: what several processes may expect that share one database. `open` gives their stores. */
export function testSharedStores(
  name: string,
  open: (count: number) => Promise<readonly MetadataStore[]>,
): void {
  describe(`stores of several processes on ${name}`, () => {
    test('whatever they do at once: no id twice, each handoff once, no rows unseen', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const random = new SeededRandom(seed);
          const stores = await open(2);
          const world = new World(stores, (below) => random.nextUint32() % below);
          await world.run(12);
          const [store] = stores;
          const letters = await store!.segments.used(DEAD_LETTERS);
          for (const { name, positions } of world.logs) {
            expect(await store!.pushTables.ofLog(name).positions()).toEqual(positions);
            for (const [table, position] of positions) {
              const ranges = letters
                .map(({ sealed }) => sealed.path.split('/'))
                .filter(([log, of]) => log === name && of === table)
                .map(([, , range]) => range!.split('-').map(Number));
              // Each command in exactly one handoff.
              let at = 0;
              for (const [from, to] of ranges) {
                expect(from).toBe(at);
                at = to!;
              }
              expect(at).toBe(position);
            }
          }
          const all = (await store!.segments.all()).map(({ idText }) => idText);
          expect(new Set(all).size).toBe(all.length);
          for (const task of world.published) {
            expect(await store!.segments.hasPublished(task)).toBe(true);
          }
          for (const each of new Set(stores)) await each.close();
        }),
        { numRuns: draws(6) },
      );
    });

    test('specs, settings and partition numbers are counted one by one', async () => {
      const stores = await open(3);
      const times = 8;
      const versions: number[] = [];
      const numbers: number[] = [];
      await Promise.all(
        stores.map(async (store, i) => {
          for (let n = 0; n < times; n++) {
            versions.push(await store.pushTables.declare('t', { i, n }));
            const segments = [chunkSegment(days(0, 1), `${i}-${n}`)];
            const ids = await store.segments.publish(publishOf(`${i}-${n}`, 'append', segments));
            numbers.push(ids[0]!.partitionNum);
            await store.settings.set('rules', `of-${i}`, n, NOBODY);
            await store.settings.set('rules', 'shared', [i, n], NOBODY);
          }
        }),
      );
      const counted = Array.from({ length: 3 * times }, (_, i) => i);
      const ordered = (list: number[]) => [...list].sort((a, b) => a - b);
      expect(ordered(numbers)).toEqual(counted);
      expect(ordered(versions)).toEqual(counted.map((i) => i + 1));
      const [store] = stores;
      const history = await store!.settings.history('rules', null, { count: 1000 });
      expect(history.length).toBe(3 * times * 2);
      const shared = history.filter((each) => each.name === 'shared');
      expect(await store!.settings.get('rules', 'shared')).toEqual(shared[0]!.value);
      for (const each of new Set(stores)) await each.close();
    });

    test('no version is given out twice, also for another table of the same moment', async () => {
      const stores = await open(3);
      const ids = await Promise.all(
        stores.flatMap((store, i) =>
          [0, 1, 2].map(async (n) => {
            const segments = [chunkSegment(days(n, n + 1), `${i}-${n}`)];
            const request = publishOf(`${i}-${n}`, 'overwrite', segments);
            return (await store.segments.publish(request))[0]!;
          }),
        ),
      );
      expect(new Set(ids.map(({ version }) => version)).size).toBe(9);
      expect((await stores[0]!.segments.used('t')).length).toBe(3);
      for (const each of new Set(stores)) await each.close();
    });
  });
}
