import { InternalError } from '../../core/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { RowRange } from '../interpreter/target.js';
import { noVisibleTimes, type VisibleTimes, widen } from '../interpreter/visible-times.js';
import { type OpenScan, visibleRanges } from '../interpreter/walk.js';
import { seenRuns } from './arrival-runs.js';
import { BlockWriter } from './block-writer.js';
import { callWords } from './call-keys.js';
import { denseBlock } from './dense-entries.js';
import { DenseGroups, denseCount, groupsPerCall } from './dense-groups.js';
import { GatherRoom } from './gather-room.js';
import {
  type GroupBlock,
  type GroupBlocks,
  hasCodes,
  hasMergeableEntries,
  inSharedMemory,
} from './group-blocks.js';
import { groupsWithin, HashGroups } from './hash-groups.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import type { Lowered } from './lowered.js';
import { GroupOutput } from './output.js';
import { type GroupList, PairRoom } from './pair-room.js';
import { Parameters } from './parameters.js';
import { MaskWindows } from './planned-rows.js';
import type { Prepared } from './prepare.js';
import { RowMasks } from './row-masks.js';
import { type RowRun, runsWithin } from './row-runs.js';
import type { Scratch } from './scratch.js';
import { SketchRoom } from './sketch-room.js';
import { NEVER } from './tests.js';
import { passingZones } from './zones.js';

/** Rows between two looks at whether the query was cancelled. */
const ROWS_PER_MORSEL = 65_536;

/** The same of groups on their way to the output, each of which may have a sketch. */
const GROUPS_PER_CHECK = 8192;

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
  /** Where groups go instead of the output; null where they cannot. */
  readonly #blocks: GroupBlock[] | null;
  #writer: BlockWriter | null = null;
  #dense: DenseGroups | null = null;
  #table: HashGroups | null = null;
  readonly #gathered: GatherRoom | null;
  readonly #sketches: SketchRoom | PairRoom | null;
  readonly #masks: RowMasks | null;
  readonly #windows: MaskWindows;
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
    const { masks } = job.runs;
    this.#masks = masks.length === 0 ? null : new RowMasks(scratch, masks);
    this.#windows = new MaskWindows(job.lowered.rows, scratch, this.#parameters);
    this.#visible = noVisibleTimes(job.scan.target.spans.length);
    const { maxGroups } = job.scan.target.limits;
    const gathered = lowered.aggregates.some(({ gather }) => gather !== null)
      ? new GatherRoom(scratch, lowered.aggregates, this.#parameters, layout)
      : null;
    this.#gathered = gathered;
    const sketches = this.#newSketches();
    this.#sketches = sketches;
    this.#output = new GroupOutput({
      lowered,
      layout,
      calls: job.runs.calls,
      maxGroups,
      sketches,
      gathered,
    });
    this.#blocks = this.#mayGiveBlocks ? [] : null;
  }

  get #mayGiveBlocks(): boolean {
    const { scan, lowered, layout, entryLayout, fewGroups } = this.job;
    const { givesBlocks } = scan.target;
    if (givesBlocks === 'never' || (givesBlocks !== 'always' && hasCodes(lowered))) return false;
    if (layout.strategy !== 'hash' && this.#denseCount <= Math.max(1, fewGroups)) return false;
    return hasMergeableEntries(lowered, entryLayout);
  }

  run(): GroupPartial | GroupBlocks {
    if (this.job.layout.strategy === 'hash') this.#runHash();
    else this.#runDense();
    if (this.#blocks !== null) return this.#asBlocks(this.#blocks);
    this.#toOutput(this.#dense?.found() ?? null);
    return this.#output.partial(this.#visible, this.#rowsScanned);
  }

  #asBlocks(blocks: readonly GroupBlock[]): GroupBlocks {
    const { lowered, entryLayout, fewGroups } = this.job;
    const numbers = this.#dense?.found() ?? null;
    const count = numbers?.length ?? this.#parameters.get('count');
    const isKept = this.job.scan.target.keepBlock === undefined;
    const isFew = isKept && blocks.length === 0 && count <= fewGroups;
    this.#collect(numbers);
    if (isFew) this.#toOutput(numbers);
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
    const { filter } = this.job.lowered;
    for (const range of target.ranges()) {
      for (const run of this.#runsOf(range)) {
        if (filter === NEVER) continue;
        this.#parameters.setRunWords(run.words);
        this.#masks?.set(this.#parameters, run);
        const zones = passingZones(target.segment, filter, run);
        for (const zone of zones) {
          for (const part of this.#windows.parts(zone)) scan(part.from, part.to, run.call);
        }
      }
    }
  }

  /** The runs of a range, and what is visible of it. */
  *#runsOf(range: RowRange): Generator<RowRun> {
    const { scan, runs } = this.job;
    if (scan.target.segment.sortedByTime) {
      for (const { from, to } of visibleRanges(scan, range, this.#visible)) {
        this.#rowsScanned += to - from;
        yield* runsWithin(runs.runs, from, to);
      }
      return;
    }
    for (const run of seenRuns(scan, runs, range)) {
      const { span, minMs, maxMs, count } = run.seen!;
      if (count === 0) continue;
      widen(this.#visible, span, minMs, maxMs);
      this.#rowsScanned += count;
      yield run;
    }
  }

  #runDense(): void {
    const { layout, runs } = this.job;
    const dense = new DenseGroups(this.scratch, layout, runs.calls.length, initialGroup(this.job));
    this.#dense = dense;
    this.#eachRun((from, to, call) => {
      this.#parameters.set('states', dense.addressOfCall(call));
      this.#eachMorsel(from, to);
    });
  }

  /** Of an array; 0 in a hash table. */
  get #denseCount(): number {
    return denseCount(this.job.layout, this.job.runs.calls.length);
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
    const { checkCancelled } = this.job.scan.target;
    for (let row = from; row < to; ) {
      checkCancelled();
      const end = Math.min(to, row + ROWS_PER_MORSEL);
      row = this.#kernel(this.#parameters.address, row, end) >>> 0;
      const isDrained = this.#gathered?.foldFull(checkCancelled) ?? false;
      if (row < end && !isDrained) this.#makeRoom();
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
    this.#collect(this.#dense?.found() ?? null);
    const table = this.#table;
    this.#dense?.clear();
    if (table !== null) {
      table.clear();
      this.#setTable(table, 0);
    }
    this.#gathered?.clear();
    if (this.#sketches !== null) this.#parameters.set('sketchNext', this.#sketches.start);
  }

  /** What an array of groups leaves, or half of the room; null where no aggregator makes sketches. */
  #newSketches(): SketchRoom | PairRoom | null {
    const { layout, lowered } = this.job;
    if (!layout.hasSketches) return null;
    const { freeBytes } = this.scratch;
    const bytes =
      layout.strategy === 'hash' ? freeBytes / 2 : freeBytes - this.#denseCount * layout.stride;
    const size = bytes - MARGIN_BYTES;
    const { aggregates } = lowered;
    const sketches = layout.hasPairs
      ? new PairRoom(this.scratch, size, this.cache, aggregates, layout)
      : new SketchRoom(this.scratch, size, aggregates, layout);
    this.#parameters.set('sketchNext', sketches.start);
    this.#parameters.set('sketchLimit', sketches.limit);
    return sketches;
  }

  /** Brings the groups that there are to where groups go; `numbers` are those of an array that are there. */
  #collect(numbers: Uint32Array | null): void {
    if (this.#blocks === null) this.#toOutput(numbers);
    else if (numbers !== null) this.#blocks.push(this.#denseBlock(numbers));
    else {
      const { keepBlock = inSharedMemory } = this.job.scan.target;
      const count = this.#parameters.get('count');
      this.#blocks.push(this.#writer!.blockOf(this.#table!, count, keepBlock));
    }
  }

  #toOutput(numbers: Uint32Array | null): void {
    this.#gathered?.fold(this.job.scan.target.checkCancelled);
    if (numbers === null) this.#entriesToOutput(this.#table!);
    else this.#arrayToOutput(this.#dense!, numbers);
  }

  #orderPairs(groups: GroupList): void {
    if (this.#sketches instanceof PairRoom) {
      const { checkCancelled } = this.job.scan.target;
      this.#sketches.order(groups, this.#parameters.get('sketchNext'), checkCancelled);
    }
  }

  #arrayToOutput({ address }: DenseGroups, numbers: Uint32Array): void {
    this.#orderPairs({ address, numbers, count: numbers.length });
    const { view } = this.scratch;
    const perCall = groupsPerCall(this.job.layout);
    for (let i = 0; i < numbers.length; i++) {
      if (i % GROUPS_PER_CHECK === 0) this.job.scan.target.checkCancelled();
      const group = numbers[i]!;
      const at = address + group * this.job.layout.stride;
      this.#output.addDense(view, at, Math.floor(group / perCall), group % perCall);
    }
  }

  #entriesToOutput({ entries }: HashGroups): void {
    const { stride } = this.job.layout;
    const { view } = this.scratch;
    const count = this.#parameters.get('count');
    this.#orderPairs({ address: entries, numbers: null, count });
    for (let group = 0; group < count; group++) {
      if (group % GROUPS_PER_CHECK === 0) this.job.scan.target.checkCancelled();
      this.#output.addHashed(view, entries + group * stride);
    }
  }

  #denseBlock(numbers: Uint32Array): GroupBlock {
    const { lowered, layout, entryLayout, runs } = this.job;
    const states = this.#dense!.words;
    return denseBlock(lowered, layout, entryLayout, { states, calls: runs.calls, numbers });
  }
}

/** What a group holds that has seen no row. */
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
