import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, SeededRandom, VirtualDisk } from '../../core/index.js';
import { draws, expectSame } from '../../core/testing.js';
import { DEAD_LETTERS, type LivePart } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import type { TableSnapshot } from '../../query/index.js';
import { segmentIdText } from '../../segments/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { openInventory } from './fixture-testing.js';
import {
  Dice,
  FakeEngine,
  type FakeLog,
  rowsOf,
  Steps,
  untilItWorks,
} from './live-fixture-testing.js';
import type { SegmentInventory } from './segment-inventory.js';

const SOURCES = ['t', 'u', DEAD_LETTERS];

/** A query on its way: what it was to see, and what it holds. */
interface Reader {
  readonly snapshot: TableSnapshot;
  readonly expected: readonly string[];
  readonly held: readonly LivePart[];
}

/** The whole house in one thread: two tables that take rows and hand them off, tasks, and queries. */
class World {
  readonly log: FakeLog = { position: 1, parts: new Map() };
  readonly free = new Map<number, number | null>();
  readonly readers: Reader[] = [];
  readonly engines: FakeEngine[];
  /** Rows of tasks: those that must be seen, and those whose publish may be through. */
  readonly published: string[] = [];
  readonly publishing = new Set<string>();
  /** Of every segment that was ever served: the rows that its path stands for. */
  readonly paths = new Map<string, string>();
  inventory!: SegmentInventory;

  constructor(readonly dice: Dice) {
    this.engines = [];
  }

  async open(store: MetadataStore): Promise<void> {
    this.inventory = await openInventory(new VirtualDisk(), store, {
      onUnused: (unused) => {
        for (const { id, lowestLayout } of unused) {
          expect(this.free.get(id)).not.toBe(null);
          this.free.set(id, lowestLayout);
        }
      },
    });
    const { pushCatalog } = this.inventory;
    for (const name of ['t', 'u']) {
      await untilItWorks(() => pushCatalog.declare(name, {}, this.log.position));
      const engine = new FakeEngine(name, this.log, this.inventory, pushCatalog, this.dice);
      this.engines.push(engine);
    }
  }

  /** Rows that pushes have made visible. */
  pushed(): string[] {
    return this.engines.flatMap(({ pushed }) => [...pushed.values()].flat());
  }

  read(): Reader {
    const snapshot = this.inventory.snapshot(SOURCES);
    const held = SOURCES.flatMap((name) => snapshot.parts(name, [ETERNITY])).flatMap(({ id }) =>
      id.version === 'realtime' ? this.log.parts.get(id.partitionNum)! : [],
    );
    return { snapshot, held, expected: [...this.pushed(), ...this.published] };
  }

  /** Each row once; of tasks that are publishing, all or none. */
  check({ snapshot, expected, held }: Reader): void {
    const seen = SOURCES.flatMap((name) =>
      snapshot.parts(name, [ETERNITY]).flatMap(({ id, rowCount }) => {
        if (id.version !== 'realtime') return this.paths.get(segmentIdText(id))!.split(',');
        return rowsOf(this.log.parts.get(id.partitionNum)!).slice(0, rowCount);
      }),
    );
    const known = seen.filter((row) => !this.publishing.has(row) || expected.includes(row));
    expectSame(known.sort(), [...expected].sort());
    expectSame(new Set(seen).size, seen.length);
    for (const { id, layout } of held) {
      const free = this.free.get(id);
      if (free === undefined || (free !== null && free <= layout)) continue;
      expect(free).not.toBe(null);
      expect(free).toBeLessThanOrEqual(layout);
    }
  }

  /** Looks now, and again through what older queries hold; some of those end, others begin. */
  look(): void {
    for (const { stored } of this.inventory.segments()) {
      this.paths.set(stored.idText, stored.sealed.path);
    }
    const reader = this.read();
    for (const each of [reader, ...this.readers]) this.check(each);
    if (this.dice.isTrue(50)) this.readers.push(reader);
    else reader.snapshot.release();
    while (this.readers.length > 0 && this.dice.isTrue(45)) this.endOne();
  }

  endOne(): void {
    const [reader] = this.readers.splice(this.dice.below(this.readers.length), 1);
    reader!.snapshot.release();
    if (this.dice.isTrue(20)) reader!.snapshot.release();
  }

  /** Writes all published rows of a table again, as one segment. */
  async compact(name: string): Promise<void> {
    const stored = this.inventory.segments('t').map((segment) => segment.stored);
    if (stored.length === 0) return;
    const rows = stored.map(({ sealed }) => sealed.path).join();
    const visible = stored.map(({ id }) => ({ id, interval: id.interval }));
    await this.inventory.publish({
      ...publishOf(name, 'overwrite', [chunkSegment(days(0, 1), rows)]),
      basis: { kind: 'segments', interval: days(0, 1), visible },
    });
  }

  actors(steps: Steps): Promise<void>[] {
    const repeat = async (times: number, act: (i: number) => unknown) => {
      for (let i = 0; i < times; i++) {
        await steps.pause();
        await act(i);
      }
    };
    return [
      ...this.engines.flatMap((engine) => [
        repeat(10, () => (this.dice.isTrue(80) ? engine.push() : engine.swap())),
        repeat(3, () => engine.handOff()),
      ]),
      repeat(2, async (i) => {
        const row = `task-${i}`;
        this.publishing.add(row);
        const request = publishOf(row, 'append', [chunkSegment(days(0, 1), row)]);
        await untilItWorks(() => this.inventory.publish(request));
        this.published.push(row);
      }),
      repeat(4, async (i) => {
        let attempt = 0;
        await untilItWorks(() => this.compact(`compact-${i}-${attempt++}`));
      }),
    ];
  }
}

test('whatever happens between two awaits: each row once, nothing freed that is read, all freed at last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom(0, 10, 30), async (seed, failPercent) => {
      const dice = new Dice(new SeededRandom(seed));
      const steps = new Steps(dice);
      const real = await MetadataStore.open(
        { type: 'sqlite', path: ':memory:' },
        new ManualClock(0),
      );
      const world = new World(dice);
      const slow = {
        segments: steps.around(real.segments, failPercent),
        pushTables: {
          ofLog: (log: string) => steps.around(real.pushTables.ofLog(log), failPercent),
        },
      };
      let isDone = false;
      const life = (async () => {
        await untilItWorks(() => world.open(slow as unknown as MetadataStore));
        await Promise.all(world.actors(steps));
        for (const engine of world.engines) await engine.handOff();
      })().finally(() => {
        isDone = true;
      });
      while (!isDone) {
        await steps.step();
        if (world.engines.length === 2) world.look();
      }
      await life;
      while (world.readers.length > 0) world.endOne();
      expect([...world.free.values()].every((lowest) => lowest === null)).toBe(true);
      expect([...world.free.keys()].sort()).toEqual([...world.log.parts.keys()].sort());
      expect(world.inventory.liveSegments()).toEqual([]);
      await real.close();
    }),
    { numRuns: draws(20) },
  );
});
