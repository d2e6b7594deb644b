import { InternalError } from '../../core/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { noVisibleTimes, type VisibleTimes } from '../interpreter/visible-times.js';
import { type OpenScan, visibleRanges } from '../interpreter/walk.js';
import { callWords } from './call-keys.js';
import { emitKernel } from './emit.js';
import { HashGroups } from './hash-groups.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import { COUNT_OFFSET, type Layout } from './layout.js';
import type { Lowered } from './lowered.js';
import { GroupOutput } from './output.js';
import { innermost } from './output-states.js';
import { PairTable } from './pairs.js';
import { Parameters } from './parameters.js';
import { type RowRuns, runsWithin } from './row-runs.js';
import { NoRoomError, type Scratch } from './scratch.js';
import { NEVER } from './tests.js';

/** Rows between two looks at whether the query was cancelled. */
const ROWS_PER_MORSEL = 65_536;

export interface KernelJob {
  readonly scan: OpenScan;
  readonly lowered: Lowered;
  readonly layout: Layout;
  /** Of all rows that may come up. */
  readonly runs: RowRuns;
}

/** Runs the kernel of a plan over the ranges of a scan and collects the groups. */
export function runKernel(job: KernelJob, cache: KernelCache, scratch: Scratch): GroupPartial {
  return new KernelRun(job, cache, scratch).run();
}

class KernelRun {
  readonly #kernel: Kernel;
  readonly #parameters: Parameters;
  readonly #output: GroupOutput;
  /** Of an entry of the table of groups: what a new one holds. */
  readonly #initial: Uint8Array;
  #states = 0;
  #seen = 0;
  #pairs: PairTable | null = null;
  #table: HashGroups | null = null;
  readonly #visible: VisibleTimes;
  #rowsScanned = 0;

  constructor(
    private readonly job: KernelJob,
    cache: KernelCache,
    private readonly scratch: Scratch,
  ) {
    const { lowered, layout } = job;
    const builder = emitKernel({ ...lowered, layout });
    this.#kernel = cache.kernel(builder, scratch.memory);
    this.#parameters = new Parameters(scratch, builder);
    this.#visible = noVisibleTimes(job.scan.target.spans.length);
    const { maxGroups } = job.scan.target.limits;
    this.#output = new GroupOutput({ lowered, layout, calls: job.runs.calls, maxGroups });
    this.#initial = initialGroup(job);
  }

  run(): GroupPartial {
    const { strategy } = this.job.layout;
    this.#pairs = this.#newPairs();
    if (strategy === 'hash') this.#runHash();
    else this.#runDense(strategy === 'single' ? 1 : this.job.layout.denseGroups);
    return this.#output.partial(this.#visible, this.#rowsScanned);
  }

  /** Calls `scan` for every run of rows in the ranges, which are taken as they come. */
  #eachRun(scan: (from: number, to: number, call: number) => void): void {
    const { target } = this.job.scan;
    for (const range of target.ranges()) {
      for (const { from, to } of visibleRanges(this.job.scan, range, this.#visible)) {
        this.#rowsScanned += to - from;
        if (this.job.lowered.filter === NEVER) continue;
        for (const run of runsWithin(this.job.runs.runs, from, to))
          scan(run.from, run.to, run.call);
      }
    }
  }

  /** The groups of each call lie side by side: a call works in its part. */
  #runDense(groupsPerCall: number): void {
    const { layout, runs } = this.job;
    const groups = groupsPerCall * runs.calls.length;
    const { stride, setBytes } = layout;
    this.#states = this.scratch.take(groups * stride);
    this.#fillGroups(groups);
    this.#seen = this.scratch.take(groups * setBytes + 8);
    this.scratch.bytes.fill(0, this.#seen, this.#seen + groups * setBytes);
    this.#eachRun((from, to, call) => {
      const first = call * groupsPerCall;
      this.#parameters.set('count', first);
      this.#parameters.set('states', this.#states + first * stride);
      this.#parameters.set('seen', this.#seen + first * setBytes);
      this.#eachMorsel(from, to);
    });
    this.#collectDense(groups, groupsPerCall);
  }

  #collectDense(groups: number, groupsPerCall: number): void {
    const { stride, setBytes, strategy } = this.job.layout;
    const { view } = this.scratch;
    this.#pairs?.fold();
    for (let group = 0; group < groups; group++) {
      const at = this.#states + group * stride;
      const isThere =
        strategy === 'single'
          ? view.getBigInt64(at + COUNT_OFFSET, true) > 0n
          : view.getUint32(at, true) !== 0;
      if (!isThere) continue;
      const call = Math.floor(group / groupsPerCall);
      const sets = this.#seen + group * setBytes;
      this.#output.addDense(view, at, call, group % groupsPerCall, {
        sets,
        group,
        pairs: this.#pairs,
      });
    }
  }

  #runHash(): void {
    const { layout, runs } = this.job;
    const { setBytes, callKeys } = layout;
    let maxGroups = Number.POSITIVE_INFINITY;
    if (setBytes > 0) {
      const bytes = Math.max(64, Math.floor(this.scratch.freeBytes / 2));
      this.#seen = this.scratch.take(bytes - 64);
      maxGroups = Math.floor((bytes - 64) / setBytes);
    }
    const { expectedSlots } = layout;
    const table = new HashGroups(this.scratch, layout, { maxGroups, expectedSlots });
    this.#table = table;
    this.#parameters.set('seen', this.#seen);
    this.#parameters.set('slots', table.slots);
    this.#parameters.set('states', table.entries);
    this.#setTable(table, 0);
    this.#eachRun((from, to, call) => {
      this.#parameters.setCallWords(callWords(callKeys, runs.calls[call]!, call));
      this.#eachMorsel(from, to);
    });
    this.#collectHash(table);
  }

  #setTable({ mask, limit }: HashGroups, count: number): void {
    this.#parameters.set('mask', mask);
    this.#parameters.set('limit', limit);
    this.#parameters.set('count', count);
  }

  #eachMorsel(from: number, to: number): void {
    for (let row = from; row < to; ) {
      this.job.scan.target.checkCancelled();
      const end = Math.min(to, row + ROWS_PER_MORSEL);
      row = this.#kernel(this.#parameters.address, row, end) >>> 0;
      if (row < end) this.#makeRoom();
    }
  }

  /** A larger table, or, where there is no room for one, an empty one: its groups go to the output. */
  #makeRoom(): void {
    if (
      this.#pairs !== null &&
      this.#parameters.get('pairsCount') > this.#parameters.get('pairsLimit')
    ) {
      this.#makeRoomForPairs(this.#pairs);
      return;
    }
    const table = this.#table!;
    const count = this.#parameters.get('count');
    if (table.grow(count)) this.#setTable(table, count);
    else {
      if (count === 0) throw new InternalError('a hash table without room for one block');
      this.#collectHash(table);
      table.clear();
      this.#setTable(table, 0);
    }
  }

  /** More room for pairs; where there is none, they go into the states of their groups. */
  #makeRoomForPairs(pairs: PairTable): void {
    const count = this.#parameters.get('pairsCount');
    if (pairs.grow()) this.#setPairs(pairs, count);
    else {
      pairs.fold();
      pairs.clear();
      this.#setPairs(pairs, 0);
    }
  }

  #setPairs(pairs: PairTable, count: number): void {
    const { groupsPerBlock, pairAggregates } = this.job.layout;
    this.#parameters.set('pairs', pairs.address);
    this.#parameters.set('pairsMask', pairs.capacity - 1);
    this.#parameters.set(
      'pairsLimit',
      Math.max(0, pairs.limit(groupsPerBlock * pairAggregates.length)),
    );
    this.#parameters.set('pairsCount', count);
  }

  /** A part of the room for the distinct numbers of groups; null where no aggregator keeps any. */
  #newPairs(): PairTable | null {
    const { layout, lowered } = this.job;
    const { pairAggregates, groupsPerBlock } = layout;
    if (pairAggregates.length === 0) return null;
    const aggregators = pairAggregates.map((i) => ({
      aggregator: innermost(lowered.aggregators[i]!),
      numbers: lowered.aggregates[i]!.numbers!,
    }));
    const pairs = new PairTable(this.scratch, this.scratch.freeBytes / 2, aggregators);
    const least = groupsPerBlock * pairAggregates.length;
    pairs.clear(least);
    if (pairs.limit(least) < 0) throw new NoRoomError();
    this.#setPairs(pairs, 0);
    return pairs;
  }

  #collectHash({ entries }: HashGroups): void {
    const { stride, setBytes } = this.job.layout;
    const { view } = this.scratch;
    const pairs = this.#pairs;
    pairs?.fold();
    const count = this.#parameters.get('count');
    for (let group = 0; group < count; group++) {
      if (group % ROWS_PER_MORSEL === 0) this.job.scan.target.checkCancelled();
      const at = entries + group * stride;
      this.#output.addHashed(view, at, { sets: this.#seen + group * setBytes, group, pairs });
    }
    if (pairs === null) return;
    pairs.forget();
    pairs.clear();
    this.#setPairs(pairs, 0);
  }

  /** Writes `groups` new groups, by doubling what is there. */
  #fillGroups(groups: number): void {
    const { bytes } = this.scratch;
    const size = groups * this.#initial.length;
    bytes.set(this.#initial, this.#states);
    for (let filled = this.#initial.length; filled < size; filled *= 2) {
      const length = Math.min(filled, size - filled);
      bytes.copyWithin(this.#states + filled, this.#states, this.#states + length);
    }
  }
}

function initialGroup({ layout, lowered }: KernelJob): Uint8Array {
  const group = new DataView(new ArrayBuffer(layout.stride));
  for (const [i, { field }] of lowered.aggregates.entries()) {
    if (field === null) continue;
    const at = layout.fieldOffsets[i]!;
    if (field.kind === 'i64') group.setBigInt64(at, BigInt(field.initial), true);
    else group.setFloat64(at, Number(field.initial), true);
  }
  return new Uint8Array(group.buffer);
}
