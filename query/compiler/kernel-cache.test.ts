import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { scanEngineOf } from '../engines/registry.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { stateReader } from '../interpreter/state-column.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan } from '../interpreter/walk.js';
import { parseNativeQuery } from '../native/registry.js';
import { type OpenData, openData, rowsOfSpec } from './data-testing.js';
import { emitKernel } from './emit.js';
import { KernelCache } from './kernel-cache.js';
import { layoutOf } from './layout.js';
import { lowerPlan } from './lowered.js';
import { runKernel } from './run.js';
import { Scratch } from './scratch.js';
import { encodeModule } from './wasm/module.js';

const SPEC = { rowCount: 100, seed: 3, times: 'hour', form: 'sealed' } as const;
const SHAPES = 1000;
const CAPACITY = 64;

let data: OpenData;
beforeAll(() => {
  data = openData(SPEC);
});
afterAll(() => data.close());

function scanOf(json: JsonObject) {
  const query = parseNativeQuery({
    queryType: 'timeseries',
    dataSource: 't',
    granularity: 'all',
    intervals: '1900/2100',
    ...json,
  });
  const target: ScanTarget = {
    segment: data.segment,
    ranges: () => [{ from: 0, to: SPEC.rowCount }],
    extent: { from: 0, to: SPEC.rowCount },
    spans: query.intervals,
    limits: { maxGroups: 1000, maxRows: 1000 },
    scratchSlot: { index: 0, count: 1 },
    givesBlocks: 'never',
    checkCancelled: () => {},
  };
  const scan = openScan(target, query.virtualColumns);
  const plan = scanEngineOf(query)!.groups(query)!;
  return { scan, lowered: lowerPlan(scan, query, plan)! };
}

const RUNS = {
  runs: [{ from: 0, to: SPEC.rowCount, call: 0, words: [], mask: null, seen: null }],
  calls: [{ bucketMs: 0, values: [] }],
  masks: new Uint8Array(0),
};

/** Scans the rows with a kernel out of `cache`. */
function run(json: JsonObject, cache: KernelCache): GroupPartial {
  const { scan, lowered } = scanOf(json);
  const layout = layoutFor(lowered);
  const kernel = emitKernel({ ...lowered, layout });
  const job = { scan, lowered, layout, entryLayout: layout, kernel, runs: RUNS, fewGroups: 0 };
  return runKernel(job, cache, scratch()) as GroupPartial;
}

const layoutFor = ({ keys, aggregates }: ReturnType<typeof scanOf>['lowered']) =>
  layoutOf(keys, aggregates, {
    calls: 1,
    callKeys: { kind: 'values', hasBuckets: false, wordCount: 0 },
    rowCount: 100,
    roomBytes: 1 << 20,
    isFiltered: false,
    mostKeys: Number.POSITIVE_INFINITY,
    force: null,
    fewSketches: 0,
  });

const scratch = (): Scratch => Scratch.of(data.segment.scanMemory!, { index: 0, count: 1 })!;

function moduleOf(json: JsonObject): string {
  const { lowered } = scanOf(json);
  const { fn } = emitKernel({ ...lowered, layout: layoutFor(lowered) });
  return Buffer.from(encodeModule(fn)).toString('latin1');
}

/** Ten aggregators, each of one type or the other: by the bits of a number. */
const shape = (number: number): JsonObject => ({
  aggregations: Array.from({ length: 10 }, (_, i) => ({
    type: (number >> i) & 1 ? 'longMax' : 'doubleSum',
    name: `a${i}`,
    fieldName: 'k0',
  })),
});

const bound = (column: string, lower: string): JsonObject => ({
  aggregations: [{ type: 'count', name: 'a' }],
  filter: { type: 'bound', dimension: column, lower, ordering: 'numeric' },
});

/** Of this thread: other tests run beside it. */
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const sumOfKeys = (): number => rowsOfSpec(SPEC).reduce((sum, row) => sum + Number(row.k0), 0);

describe('the cache of kernels', () => {
  it('shares a module among plans that differ in constants alone', () => {
    const cache = new KernelCache();
    const texts = (value: string): JsonObject => ({
      aggregations: [{ type: 'longSum', name: 'a', expression: `k0 * ${value}` }],
    });
    const ofBounds = ['20', '100', '150'].map((lower) => run(bound('k0', lower), cache));
    expect(cache.size).toBe(1);
    expect(ofBounds.map(({ states }) => stateReader(states[0]!)(0))).toEqual(
      [20, 100, 150].map(
        (lower) => rowsOfSpec(SPEC).filter((row) => Number(row.k0) >= lower).length,
      ),
    );
    run(texts('2'), cache);
    run(texts('7'), cache);
    expect(cache.size).toBe(2);
  });

  it('shares a module among columns of one layout', () => {
    expect(moduleOf(bound('k0', '20'))).toBe(moduleOf(bound('k1', '50')));
    expect(moduleOf(bound('k0', '20'))).not.toBe(moduleOf(bound('__time', '20')));
  });

  it('stays at its capacity however many shapes there are, and memory with it', () => {
    const cache = new KernelCache(CAPACITY);
    const first = run(shape(0), cache);
    const used = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 1; i <= SHAPES; i++) {
      run(shape(i), cache);
      expect(cache.size).toBeLessThanOrEqual(CAPACITY);
      const half = i <= SHAPES / 2 ? 0 : 1;
      used[half] = Math.min(
        used[half]!,
        i % (SHAPES / 2) > SHAPES / 4 ? usedBytes() : Number.POSITIVE_INFINITY,
      );
    }
    expect(cache.size).toBe(CAPACITY);
    expect(used[1]! - used[0]!).toBeLessThan(32 << 20);
    const again = run(shape(0), cache);
    expect(again.states).toEqual(first.states);
    expect(stateReader(again.states[0]!)(0)).toBe(sumOfKeys());
  });

  it('lets the shape go that was not used for longest', () => {
    const cache = new KernelCache(2);
    const { memory } = data.segment.scanMemory!;
    const kernelOf = (number: number) => {
      const { lowered } = scanOf(shape(number));
      return cache.kernel(emitKernel({ ...lowered, layout: layoutFor(lowered) }), memory);
    };
    const [zero, one] = [kernelOf(0), kernelOf(1)];
    expect(kernelOf(0)).toBe(zero);
    kernelOf(2);
    expect(kernelOf(0)).toBe(zero);
    expect(kernelOf(1)).not.toBe(one);
  });

  it('makes a kernel for each memory out of one module', () => {
    const cache = new KernelCache();
    const { lowered } = scanOf(shape(0));
    const builder = emitKernel({ ...lowered, layout: layoutFor(lowered) });
    const memories = [1, 2].map(
      (initial) => new WebAssembly.Memory({ initial, maximum: initial, shared: true }),
    );
    const [first, second] = memories.map((memory) => cache.kernel(builder, memory));
    expect(first).not.toBe(second);
    expect(cache.kernel(builder, memories[0]!)).toBe(first);
    expect(cache.size).toBe(1);
  });
});
