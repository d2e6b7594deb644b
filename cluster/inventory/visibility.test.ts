import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, VirtualDisk } from '../../core/index.js';
import { ETERNITY, type Interval } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { openInventory } from './fixture-testing.js';
import type { SegmentInventory } from './segment-inventory.js';

const DAY_MS = 86_400_000;
const DAYS = 8;

/** What happens to a table. Chunks are `width` days wide, aligned; each stores one row per day. */
type Step =
  | { readonly kind: 'overwrite'; readonly width: number; readonly chunks: readonly number[] }
  /** `replace` is a publish without rows, which drops what it reaches; `drop` takes whole chunks away. */
  | { readonly kind: 'replace' | 'drop'; readonly width: number; readonly chunk: number }
  | { readonly kind: 'append'; readonly days: readonly number[] }
  | { readonly kind: 'restart' };

const width = fc.constantFrom(1, 2, 4, 8);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('overwrite' as const),
    width,
    chunks: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom('replace' as const, 'drop' as const),
    width,
    chunk: fc.nat(7),
  }),
  fc.record({
    kind: fc.constant('append' as const),
    days: fc.array(fc.nat(DAYS - 1), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

/** A chunk as the rules describe it: its rows by day. Later ones hide earlier ones. */
interface Layer {
  readonly from: number;
  readonly to: number;
  /** None: it hides what lies below, and that is all. */
  rows: { readonly day: number; readonly name: string }[];
}

/** The rules of `ingestion.md` §5.1, one day at a time. */
class NaiveTable {
  layers: Layer[] = [];

  top(day: number): Layer | undefined {
    return this.layers.findLast(({ from, to }) => day >= from && day < to);
  }

  append(day: number, name: string): void {
    let layer = this.top(day);
    if (layer === undefined) {
      layer = { from: day, to: day + 1, rows: [] };
      this.layers.push(layer);
    }
    layer.rows.push({ day, name });
  }

  /** Each run of days of one chunk that shows is hidden by a layer without rows. */
  replace(from: number, to: number): void {
    const holes: Layer[] = [];
    for (let day = from; day < to; day++) {
      const top = this.top(day);
      if (top === undefined || top.rows.length === 0) continue;
      const last = holes.at(-1);
      if (last?.to === day && this.top(day - 1) === top)
        holes.splice(-1, 1, { ...last, to: day + 1 });
      else holes.push({ from: day, to: day + 1, rows: [] });
    }
    this.layers.push(...holes);
  }

  /** Layers inside lose their rows, and go unless an older one would show instead. */
  drop(from: number, to: number): void {
    const isInside = (layer: Layer) => from <= layer.from && layer.to <= to;
    const others = this.layers.filter((layer) => !isInside(layer));
    const stays = this.layers.filter((layer) => {
      if (!isInside(layer)) return true;
      for (let day = layer.from; day < layer.to; day++) {
        const wouldShow = others.some((other) => day >= other.from && day < other.to);
        if (this.top(day) === layer && wouldShow) return true;
      }
      return false;
    });
    for (const layer of stays) if (isInside(layer)) layer.rows = [];
    this.layers = stays;
  }

  /** Layers of which no day shows are gone for good. */
  tidy(): void {
    this.layers = this.layers.filter((layer) => {
      for (let day = layer.from; day < layer.to; day++) if (this.top(day) === layer) return true;
      return false;
    });
  }

  visible(): string[] {
    return this.layers
      .flatMap((layer) => layer.rows.filter(({ day }) => this.top(day) === layer))
      .map(({ name }) => name)
      .sort();
  }
}

const chunkOf = (index: number, wide: number): { from: number; to: number } => {
  const from = (index % (DAYS / wide)) * wide;
  return { from, to: from + wide };
};

/** The rows that queries see. A segment has one row, which its path names: `<day>:<name>`. */
function visibleRows(inventory: SegmentInventory): string[] {
  const rows = new Map(
    inventory.segments('t').map(({ stored }) => [segmentIdText(stored.id), stored.sealed.path]),
  );
  return inventory
    .snapshot(['t'])
    .parts('t', [ETERNITY])
    .map(({ id, interval }) => ({ row: rows.get(segmentIdText(id))!, interval }))
    .filter(({ row, interval }) => {
      const timeMs = Number(row.split(':')[0]) * DAY_MS;
      return timeMs >= interval.startMs && timeMs < interval.endMs;
    })
    .map(({ row }) => row)
    .sort();
}

const homeOf = (chunks: readonly Interval[], day: number): Interval =>
  chunks.find(({ startMs, endMs }) => day * DAY_MS >= startMs && day * DAY_MS < endMs) ??
  days(day, day + 1);

test('overwrites, appends, drops and restarts show what the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const clock = new ManualClock(0);
      const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
      const disk = new VirtualDisk();
      let inventory = await openInventory(disk, store);
      const naive = new NaiveTable();
      for (const [i, each] of steps.entries()) {
        const rowsOf = (from: number, to: number) =>
          Array.from({ length: to - from }, (_, n) => ({
            day: from + n,
            name: `${from + n}:${i}`,
          }));
        if (each.kind === 'overwrite') {
          const chunks = [...new Set(each.chunks.map((one) => chunkOf(one, each.width).from))].map(
            (from) => ({ from, to: from + each.width }),
          );
          const segments = chunks.flatMap(({ from, to }) =>
            rowsOf(from, to).map(({ name }) => chunkSegment(days(from, to), name)),
          );
          await inventory.publish(publishOf(`${i}`, 'overwrite', segments));
          for (const { from, to } of chunks)
            naive.layers.push({ from, to, rows: rowsOf(from, to) });
        } else if (each.kind === 'replace') {
          const { from, to } = chunkOf(each.chunk, each.width);
          await inventory.publish(publishOf(`${i}`, 'overwrite', [], [days(from, to)]));
          naive.replace(from, to);
        } else if (each.kind === 'drop') {
          const { from, to } = chunkOf(each.chunk, each.width);
          await inventory.drop('t', days(from, to));
          naive.drop(from, to);
        } else if (each.kind === 'append') {
          const chunks = inventory.chunkIntervals('t');
          const segments = each.days.map((day, n) =>
            chunkSegment(homeOf(chunks, day), `${day}:${i}-${n}`),
          );
          await inventory.publish(publishOf(`${i}`, 'append', segments));
          for (const [n, day] of each.days.entries()) naive.append(day, `${day}:${i}-${n}`);
        } else {
          inventory = await openInventory(disk, store);
        }
        naive.tidy();
        expect(visibleRows(inventory)).toEqual(naive.visible());
      }
      const ids = (await store.segments.all()).map(({ idText }) => idText);
      expect(new Set(ids).size).toBe(ids.length);
      await store.close();
    }),
    { numRuns: 200 },
  );
}, 30_000);
