import { InternalError } from '../../core/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { noVisibleTimes, type VisibleTimes } from '../interpreter/visible-times.js';
import { type OpenScan, visibleRanges } from '../interpreter/walk.js';
import { BlockWriter } from './block-writer.js';
import { callWords } from './call-keys.js';
import { denseBlock } from './dense-entries.js';
import {
  type GroupBlock,
  type GroupBlocks,
  hasCodes,
  hasMergeableEntries,
} from './group-blocks.js';
import { groupsWithin, HashGroups } from './hash-groups.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import { COUNT_OFFSET, type Layout } from './layout.js';
import type { Lowered } from './lowered.js';
import { GroupOutput } from './output.js';
import { Parameters } from './parameters.js';
import type { Prepared } from './prepare.js';
import { runsWithin } from './row-runs.js';
import type { Scratch } from './scratch.js';
import { SketchRoom } from './sketch-room.js';
import { NEVER } from './tests.js';
import { passingZones } from './zones.js';

/** Rows between two looks at whether the query was cancelled. */
const ROWS_PER_MORSEL = 65_536;

/** What two tables may lose by being aligned. */
const MARGIN_BYTES = 128;

export interface KernelJob extends Prepared {
  readonly scan: OpenScan;
  readonly lowered: Lowered;
  /** As many groups, or fewer, are given as they are, too: they are not worth a second phase. */
  readonly fewGroups: number;
}

/** Runs the kernel of a plan over the ranges of a scan and collects the groups. */
export function runKernel(
  job: KernelJob,
  cache: KernelCache,
  scratch: Scratch,
): GroupPartial | GroupBlocks {
  return new KernelRun(job, cache, scratch).run();
}

/** A table that is larger than this leaves the caches: its groups go away as a block, to be merged later. */
const BLOCK_BYTES = 4 * 2 ** 20;

class KernelRun {
  readonly #kernel: Kernel;
  readonly #parameters: Parameters;
  readonly #output: GroupOutput;
  /** Of an entry of the table of groups: what a new one holds. */
  readonly #initial: Uint8Array;
  /** Where groups go instead of the output; null where they cannot. */
  readonly #blocks: GroupBlock[] | null;
  #writer: BlockWriter | null = null;
  #states = 0;
  #table: HashGroups | null = null;
  readonly #sketches: SketchRoom | null;
  readonly #visible: VisibleTimes;
  #rowsScanned = 0;

  constructor(
    private readonly job: KernelJob,
    private readonly cache: KernelCache,
    private readonly scratch: Scratch,
  ) {
    const { lowered, layout } = job;
    this.#kernel = cache.kernel(job.kernel, scratch.memory);
    this.#parameters = new Parameters(scratch, job.kernel);
    this.#visible = noVisibleTimes(job.scan.target.spans.length);
    const { maxGroups } = job.scan.target.limits;
    const sketches = this.#newSketches();
    this.#sketches = sketches;
    this.#output = new GroupOutput({ lowered, layout, calls: job.runs.calls, maxGroups, sketches });
    this.#initial = initialGroup(job);
    this.#blocks = this.#mayGiveBlocks ? [] : null;
  }

  get #mayGiveBlocks(): boolean {
    const { scan, lowered, layout, entryLayout, fewGroups } = this.job;
    const { givesBlocks } = scan.target;
    if (givesBlocks === 'never' || (givesBlocks !== 'always' && hasCodes(lowered))) return false;
    if (layout.strategy !== 'hash' && this.#denseGroups <= Math.max(1, fewGroups)) return false;
    return hasMergeableEntries(lowered, entryLayout);
  }

  run(): GroupPartial | GroupBlocks {
    if (this.job.layout.strategy === 'hash') this.#runHash();
    else this.#runDense();
    if (this.#blocks !== null) return this.#asBlocks(this.#blocks);
    this.#collect();
    return this.#output.partial(this.#visible, this.#rowsScanned);
  }

  #asBlocks(blocks: readonly GroupBlock[]): GroupBlocks {
    const { lowered, entryLayout, fewGroups } = this.job;
    const table = this.#table;
    const numbers = table === null ? this.#denseNumbers() : null;
    const count = numbers?.length ?? this.#parameters.get('count');
    const isFew = blocks.length === 0 && count <= fewGroups;
    this.#collect();
    if (isFew && numbers !== null) this.#collectDense(numbers);
    else if (isFew) this.#collectEntries(table!);
    return {
      kind: 'blocks',
      layout: entryLayout,
      hasCodes: hasCodes(lowered),
      blocks,
      few: isFew ? this.#output.partial(this.#visible, this.#rowsScanned) : null,
      visible: this.#visible,
      rowsScanned: this.#rowsScanned,
      compiled: true,
    };
  }

  /** Calls `scan` for every run of rows in the ranges, which are taken as they come. */
  #eachRun(scan: (from: number, to: number, call: number) => void): void {
    const { target } = this.job.scan;
    for (const range of target.ranges()) {
      for (const { from, to } of visibleRanges(this.job.scan, range, this.#visible)) {
        this.#rowsScanned += to - from;
        if (this.job.lowered.filter === NEVER) continue;
        for (const run of runsWithin(this.job.runs.runs, from, to)) {
          this.#parameters.setRunWords(run.words);
          const zones = passingZones(target.segment, this.job.lowered.filter, run);
          for (const zone of zones) scan(zone.from, zone.to, run.call);
        }
      }
    }
  }

  /** The groups of each call lie side by side: a call works in its part. */
  #runDense(): void {
    const { layout } = this.job;
    this.#states = this.scratch.take(this.#denseGroups * layout.stride);
    this.#fillGroups(this.#denseGroups);
    this.#eachRun((from, to, call) => {
      this.#parameters.set('states', this.#states + call * groupsPerCall(layout) * layout.stride);
      this.#eachMorsel(from, to);
    });
  }

  /** How many groups there may be of all calls; 0 in a hash table. */
  get #denseGroups(): number {
    const { layout, runs } = this.job;
    return groupsPerCall(layout) * runs.calls.length;
  }

  #runHash(): void {
    const { layout, runs } = this.job;
    const { expectedSlots, stride } = layout;
    let maxGroups = Number.POSITIVE_INFINITY;
    if (this.#blocks !== null) {
      const bytes = Math.min(BLOCK_BYTES, this.scratch.freeBytes / 4);
      this.#writer = new BlockWriter(this.scratch, this.cache, stride, bytes);
      maxGroups = groupsWithin(this.#writer.capacity);
    }
    const table = new HashGroups(this.scratch, layout, { maxGroups, expectedSlots });
    this.#table = table;
    this.#parameters.set('slots', table.slots);
    this.#parameters.set('states', table.entries);
    this.#setTable(table, 0);
    this.#eachRun((from, to, call) => {
      this.#parameters.setCallWords(callWords(layout.callKeys, runs.calls[call]!, call));
      this.#eachMorsel(from, to);
    });
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
    if (this.#sketches !== null && this.#parameters.get('sketchNext') > this.#sketches.limit) {
      this.#beginAnew();
      return;
    }
    const table = this.#table!;
    const count = this.#parameters.get('count');
    if (table.grow(count)) this.#setTable(table, count);
    else {
      if (count === 0) throw new InternalError('a hash table without room for one block');
      this.#beginAnew();
    }
  }

  #beginAnew(): void {
    this.#collect();
    const table = this.#table;
    if (table === null) this.#fillGroups(this.#denseGroups);
    else {
      table.clear();
      this.#setTable(table, 0);
    }
    if (this.#sketches !== null) this.#parameters.set('sketchNext', this.#sketches.start);
  }

  /** What an array of groups leaves, or half of the room; null where no aggregator makes sketches. */
  #newSketches(): SketchRoom | null {
    const { layout } = this.job;
    if (layout.entriesPerRow === 0) return null;
    const { freeBytes } = this.scratch;
    const bytes =
      layout.strategy === 'hash' ? freeBytes / 2 : freeBytes - this.#denseGroups * layout.stride;
    const sketches = new SketchRoom(this.scratch, bytes - MARGIN_BYTES, layout);
    this.#parameters.set('sketchNext', sketches.start);
    this.#parameters.set('sketchLimit', sketches.limit);
    return sketches;
  }

  /** Brings the groups that there are to the output. */
  #collect(): void {
    const [table, blocks] = [this.#table, this.#blocks];
    if (table !== null && blocks === null) this.#collectEntries(table);
    else if (table !== null)
      blocks!.push(this.#writer!.blockOf(table, this.#parameters.get('count')));
    else if (blocks === null) this.#collectDense(this.#denseNumbers());
    else blocks.push(this.#denseBlock(this.#denseNumbers()));
  }

  #collectDense(numbers: Uint32Array): void {
    const { view } = this.scratch;
    const perCall = groupsPerCall(this.job.layout);
    for (const group of numbers) {
      const at = this.#states + group * this.job.layout.stride;
      this.#output.addDense(view, at, Math.floor(group / perCall), group % perCall);
    }
  }

  #denseBlock(numbers: Uint32Array): GroupBlock {
    const { lowered, layout, entryLayout, runs } = this.job;
    const { buffer } = this.scratch.memory;
    const states = new Int32Array(buffer, this.#states, (this.#denseGroups * layout.stride) / 4);
    return denseBlock(lowered, layout, entryLayout, { states, calls: runs.calls, numbers });
  }

  /** The groups of an array that are there. Most of a large one is empty: one look at a word or two tells. */
  #denseNumbers(): Uint32Array {
    const { strategy, stride } = this.job.layout;
    const count = this.#denseGroups;
    const words = new Uint32Array(this.scratch.memory.buffer, this.#states, (count * stride) / 4);
    const low = strategy === 'single' ? COUNT_OFFSET / 4 : 0;
    const high = strategy === 'single' ? low + 1 : 0;
    const numbers = new Uint32Array(count);
    let found = 0;
    for (let group = 0, word = 0; group < count; group++, word += stride / 4) {
      if ((words[word + low]! | words[word + high]!) !== 0) numbers[found++] = group;
    }
    return numbers.subarray(0, found);
  }

  #collectEntries({ entries }: HashGroups): void {
    const { stride } = this.job.layout;
    const { view } = this.scratch;
    const count = this.#parameters.get('count');
    for (let group = 0; group < count; group++) {
      if (group % ROWS_PER_MORSEL === 0) this.job.scan.target.checkCancelled();
      this.#output.addHashed(view, entries + group * stride);
    }
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

/** Of an array of groups. */
const groupsPerCall = ({ strategy, denseGroups }: Layout): number =>
  strategy === 'single' ? 1 : denseGroups;
