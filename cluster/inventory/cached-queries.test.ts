import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaPool, ManualClock, VirtualDisk } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import type { LivePart } from '../../ingest/index.js';
import { formatInterval, type Interval } from '../../model/index.js';
import {
  parseNativeQuery,
  type QueryCaches,
  type QueryEngine,
  queryCaches,
  type TableProvider,
} from '../../query/index.js';
import { sharedEngine, testEngine } from '../../query/testing.js';
import { type DimensionSchema, MutableSegment } from '../../segments/index.js';
import { type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { days, publishOf } from '../testing.js';
import { openInventory, sealChunk } from './fixture-testing.js';
import type { SegmentInventory } from './segment-inventory.js';

/** A table that changes all the time, asked by an engine that keeps what it finds, and by one that does not. */

type Type = DimensionSchema['type'];

const HOUR_MS = 3_600_000;
const span = fc
  .tuple(fc.nat(3), fc.integer({ min: 1, max: 2 }))
  .map(([from, length]) => days(from, from + length));
/** Of few hours, so that segments begin and end at the same times. */
const hour = fc.constantFrom(0, 5, 23, 24, 47);
const cells = fc.array(fc.tuple(hour, fc.constantFrom('x', 'y', null), fc.nat(9)), {
  minLength: 1,
  maxLength: 8,
});
/** As text it is another value. */
const type = fc.constantFrom<Type>('LONG', 'DOUBLE', 'STRING');
const rows = fc.record({ span, type, cells });

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('append' as const), rows }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('overwrite' as const), rows }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), span }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('push' as const), rows }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hand off' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Rows = typeof rows extends fc.Arbitrary<infer R> ? R : never;

const AGGREGATIONS = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum', fieldName: 'n' },
  { type: 'hyperUnique', name: 'u', fieldName: 'n' },
];
const QUESTIONS = [
  { queryType: 'timeseries', granularity: 'day', aggregations: AGGREGATIONS },
  {
    queryType: 'topN',
    granularity: 'all',
    dimension: 'a',
    threshold: 2,
    metric: 'rows',
    aggregations: AGGREGATIONS,
  },
  { queryType: 'groupBy', granularity: 'all', dimensions: ['n'], aggregations: AGGREGATIONS },
  {
    queryType: 'groupBy',
    granularity: 'hour',
    dimensions: ['a'],
    filter: { type: 'bound', dimension: 'n', lower: '3', ordering: 'numeric' },
    aggregations: [{ type: 'stringLast', name: 'last', fieldName: 'a' }],
  },
  {
    queryType: 'groupBy',
    granularity: 'hour',
    dimensions: ['a'],
    aggregations: [{ type: 'stringLast', name: 'last', fieldName: 'a' }],
  },
  { queryType: 'search', query: { type: 'insensitive_contains', value: 'x' } },
  { queryType: 'timeBoundary', filter: { type: 'selector', dimension: 'a', value: 'x' } },
  { queryType: 'scan', columns: ['__time', 'a', 'n'] },
];
/** What is asked after every change. */
const asks = fc.array(
  fc.record({
    question: fc.constantFrom(...QUESTIONS),
    from: fc.constantFrom(0, 6, 24, 30),
    hours: fc.constantFrom(12, 48, 96),
  }),
  { minLength: 2, maxLength: 4 },
);
const steps = fc.array(step, { minLength: 4, maxLength: 12 });

/** The rows lie within the span. */
const plainRows = ({ span, type, cells }: Rows): PlainRow[] =>
  cells.map(([hour, a, n]) => {
    const __time = Math.min(span.startMs + hour * HOUR_MS, span.endMs - 1);
    return { __time, a, n: type === 'STRING' ? `0${n}` : type === 'DOUBLE' ? n / 2 : n };
  });

class World {
  readonly pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 26 });
  #files = 0;
  #commands = 0;
  #growing: MutableSegment | null = null;
  #pushed: Rows[] = [];

  constructor(
    private readonly disk: VirtualDisk,
    readonly inventory: SegmentInventory,
  ) {}

  async do(step: Step): Promise<void> {
    const { inventory } = this;
    if (step.do === 'drop') await inventory.drop('t', step.span);
    else if (step.do === 'restore') await inventory.markUsed('t', ALL_SEGMENTS);
    else if (step.do === 'push') this.#push({ ...step.rows, type: 'LONG' });
    else if (step.do === 'hand off') {
      for (const rows of this.#pushed.splice(0)) await this.#publish('append', rows);
      this.#announce([]);
      this.#growing = null;
    } else await this.#publish(step.do, step.rows);
  }

  async #publish(mode: 'append' | 'overwrite', rows: Rows): Promise<void> {
    const name = `file${this.#files++}`;
    const dimensions = { a: 'STRING', n: rows.type } as const;
    const sealed = sealChunk(this.disk, name, rows.span, plainRows(rows), dimensions);
    // Rows may be appended to a chunk as it is only: what is refused changes nothing.
    await this.inventory.publish(publishOf(name, mode, [sealed])).catch(() => undefined);
  }

  /** Rows go into one segment, which grows until it is handed off. */
  #push(rows: Rows): void {
    const dimensions = { a: 'STRING', n: 'LONG' } as const;
    this.#growing ??= new MutableSegment(schemaOf(dimensions), this.pool);
    this.#growing.append(rowsOf(plainRows(rows), { __time: 'LONG', ...dimensions }));
    const { handle, rowCount, minTimeMs, maxTimeMs } = this.#growing.snapshot();
    this.#pushed.push(rows);
    const times = { minTimeMs: minTimeMs!, maxTimeMs: maxTimeMs! };
    const source = { kind: 'mutable', handle } as const;
    this.#announce([{ id: 0, layout: 0, dataSource: 't', rowCount, ...times, source }]);
  }

  #announce(parts: LivePart[]): void {
    const generations = [{ to: Number.POSITIVE_INFINITY, parts }];
    const tables = [{ table: 't', generations }];
    this.inventory.announce({ logId: 'log', position: this.#commands++, tables });
  }
}

const SIZES = { partialBytes: 1 << 16, resultBytes: 1 << 16, maxEntryBytes: 1 << 13 };

async function newWorld(): Promise<{ world: World; close: () => Promise<void> }> {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  const disk = new VirtualDisk();
  const world = new World(disk, await openInventory(disk, store));
  return { world, close: () => store.close() };
}

const intervalOf = (from: number, hours: number): Interval => ({
  startMs: from * HOUR_MS,
  endMs: (from + hours) * HOUR_MS,
});

const KEEPING = {
  'of one process': engineOf,
  'of a broker': (tables: TableProvider, caches: QueryCaches) =>
    sharedEngine(tables, { caches }, 2),
};

function engineOf(tables: TableProvider, caches: QueryCaches): QueryEngine {
  return testEngine(tables, { caches });
}

test.each(Object.entries(KEEPING))('what is kept is never out of date: %s', async (_, engine) => {
  const found = { partial: 0, result: 0, published: 0 };
  await assertReaching(
    fc.asyncProperty(steps, asks, async (steps, asks) => {
      const { world, close } = await newWorld();
      const plain = testEngine(world.inventory);
      const caches = queryCaches(SIZES, 0);
      const keeping = engine(world.inventory, caches);
      for (const step of steps) {
        await world.do(step);
        for (const { question, from, hours } of asks) {
          const intervals = formatInterval(intervalOf(from, hours));
          const json = { ...question, dataSource: 't', intervals };
          const expected = await plain.run(parseNativeQuery(json));
          for (const useResultLevelCache of [true, false]) {
            const context = { useResultLevelCache };
            const { stats, ...answer } = await keeping.run(parseNativeQuery({ ...json, context }));
            expect(answer).toEqual({ ...expected, stats: undefined });
            found.partial += stats.cachedSegments;
            found.result += stats.isCachedResult ? 1 : 0;
          }
        }
      }
      found.published += world.inventory.segments('t').length;
      await close();
    }),
    15,
    () => {
      expect(found.partial).toBeGreaterThan(0);
      expect(found.result).toBeGreaterThan(0);
      expect(found.published).toBeGreaterThan(0);
    },
  );
});
