import { InternalError } from '../../core/index.js';
import type { State, Value, WireState } from '../../model/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { ScanTarget } from '../interpreter/target.js';
import type { VisibleTimes } from '../interpreter/visible-times.js';
import { stateOfSet } from './aggregates.js';
import { emitKernel } from './emit.js';
import {
  CALL_PARAMETERS,
  type CallParameter,
  PARAMETER_BYTES,
  type Parameter,
} from './kernel-builder.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import type { KeyPart } from './keys.js';
import { COUNT_OFFSET, HASH_OFFSET, isConditional, type Layout, NUMBER_OFFSET } from './layout.js';
import type { Lowered } from './lowered.js';
import type { CallKey, RowRuns } from './row-runs.js';
import type { Scratch } from './scratch.js';

/** Rows between two looks at whether the query was cancelled. */
const ROWS_PER_MORSEL = 65_536;

const FIRST_CAPACITY = 1024;

/** Entries that are taken, of those there are, at most. */
const FULLEST = 0.6;

export interface KernelJob {
  readonly lowered: Lowered;
  readonly layout: Layout;
  readonly runs: RowRuns;
  readonly target: ScanTarget;
  readonly visible: VisibleTimes;
  readonly rowsScanned: number;
}

/** Runs the kernel of a plan over the runs of a job and collects the groups. */
export function runKernel(job: KernelJob, cache: KernelCache, scratch: Scratch): GroupPartial {
  return new KernelRun(job, cache, scratch).run();
}

class KernelRun {
  readonly #kernel: Kernel;
  readonly #parameters: number;
  readonly #output: Output;
  /** Of an entry of the table of groups: what a new one holds. */
  readonly #initial: Uint8Array;
  #states = 0;
  #seen = 0;
  #capacity = 0;
  #maxCapacity = 0;
  #maxNumbers = Number.POSITIVE_INFINITY;

  constructor(
    private readonly job: KernelJob,
    cache: KernelCache,
    private readonly scratch: Scratch,
  ) {
    const { lowered, layout } = job;
    const builder = emitKernel({ ...lowered, layout });
    this.#kernel = cache.kernel(builder, scratch.memory);
    this.#parameters = scratch.take(builder.parameters.length * PARAMETER_BYTES);
    this.#writeParameters(builder.parameters);
    this.#output = new Output(job);
    this.#initial = initialGroup(job);
  }

  run(): GroupPartial {
    const { strategy } = this.job.layout;
    if (strategy === 'hash') this.#runHash();
    else this.#runDense(strategy === 'single' ? 1 : this.job.layout.denseGroups);
    return this.#output.partial();
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
    for (const { from, to, call } of runs.runs) {
      const first = call * groupsPerCall;
      this.#set('states', this.#states + first * stride);
      this.#set('seen', this.#seen + first * setBytes);
      this.#eachMorsel(from, to, (start, end) => {
        this.#kernel(this.#parameters, start, end);
      });
    }
    this.#collectDense(groups, groupsPerCall);
  }

  #collectDense(groups: number, groupsPerCall: number): void {
    const { stride, setBytes, strategy } = this.job.layout;
    const { view } = this.scratch;
    for (let group = 0; group < groups; group++) {
      const at = this.#states + group * stride;
      const isThere =
        strategy === 'single'
          ? view.getBigInt64(at + COUNT_OFFSET, true) > 0n
          : view.getUint32(at, true) !== 0;
      if (!isThere) continue;
      const call = Math.floor(group / groupsPerCall);
      this.#output.addDense(view, at, call, group % groupsPerCall, this.#seen + group * setBytes);
    }
  }

  #runHash(): void {
    const { layout, runs } = this.job;
    const { stride, setBytes, groupsPerBlock, callShift } = layout;
    if (setBytes > 0) {
      const bytes = Math.floor(this.scratch.freeBytes / 2);
      this.#seen = this.scratch.take(bytes - 64);
      this.#maxNumbers = Math.floor((bytes - 64) / setBytes);
    }
    this.#states = this.scratch.take(0);
    this.#maxCapacity = 2 ** Math.floor(Math.log2(this.scratch.freeBytes / stride));
    const least = 2 ** Math.ceil(Math.log2((2 * groupsPerBlock) / FULLEST));
    this.#set('seen', this.#seen);
    this.#set('states', this.#states);
    this.#clearTable(Math.min(this.#maxCapacity, Math.max(FIRST_CAPACITY, least)));
    for (const { from, to, call } of runs.runs) {
      this.#setCallKey(BigInt(call) << BigInt(callShift));
      this.#eachMorsel(from, to, (start, end) => {
        for (let row = start; ; ) {
          row = this.#kernel(this.#parameters, row, end) >>> 0;
          if (row >= end) return;
          this.#makeRoom();
        }
      });
    }
    this.#collectHash();
  }

  #eachMorsel(from: number, to: number, scan: (from: number, to: number) => void): void {
    for (let start = from; start < to; start += ROWS_PER_MORSEL) {
      this.job.target.checkCancelled();
      scan(start, Math.min(to, start + ROWS_PER_MORSEL));
    }
  }

  /** A larger table, or, where there is no room for one, an empty one: its groups go to the output. */
  #makeRoom(): void {
    const count = this.#get('count');
    const canGrow = this.#capacity < this.#maxCapacity && count < this.#limitOf(this.#maxCapacity);
    if (canGrow) this.#grow();
    else {
      if (count === 0) throw new InternalError('a hash table without room for one block');
      this.#collectHash();
      this.#clearTable(this.#capacity);
    }
  }

  #grow(): void {
    const { stride } = this.job.layout;
    const words = stride / 4;
    const start = this.#states;
    const old = new Uint32Array(this.scratch.memory.buffer, start, this.#capacity * words).slice();
    const count = this.#get('count');
    this.#clearTable(Math.min(this.#maxCapacity, this.#capacity * 4));
    this.#set('count', count);
    const table = new Uint32Array(this.scratch.memory.buffer, start, this.#capacity * words);
    const mask = this.#capacity - 1;
    for (let at = 0; at < old.length; at += words) {
      if ((old[at]! & 1) === 0) continue;
      let slot = (old[at + HASH_OFFSET / 4]! & mask) >>> 0;
      while ((table[slot * words]! & 1) !== 0) slot = (slot + 1) & mask;
      for (let i = 0; i < words; i++) table[slot * words + i] = old[at + i]!;
    }
  }

  #clearTable(capacity: number): void {
    const { stride } = this.job.layout;
    this.#capacity = capacity;
    this.scratch.bytes.fill(0, this.#states, this.#states + capacity * stride);
    this.#set('mask', capacity - 1);
    this.#set('limit', Math.max(0, this.#limitOf(capacity)));
    this.#set('count', 0);
  }

  /** How many groups there may be for the rows of one more block to find room. */
  #limitOf(capacity: number): number {
    const most = Math.min(Math.floor(capacity * FULLEST), this.#maxNumbers);
    return most - this.job.layout.groupsPerBlock;
  }

  #collectHash(): void {
    const { stride, setBytes } = this.job.layout;
    const { view } = this.scratch;
    const end = this.#states + this.#capacity * stride;
    for (let at = this.#states; at < end; at += stride) {
      if ((view.getUint32(at, true) & 1) === 0) continue;
      const number = setBytes === 0 ? 0 : view.getUint32(at + NUMBER_OFFSET, true);
      this.#output.addHashed(view, at, this.#seen + number * setBytes);
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

  #writeParameters(parameters: readonly Parameter[]): void {
    const { view, bytes } = this.scratch;
    for (const [i, { kind, value }] of parameters.entries()) {
      const at = this.#parameters + i * PARAMETER_BYTES;
      if (typeof value === 'object') {
        const address = this.scratch.take(value.table.length + 16);
        bytes.set(value.table, address);
        view.setUint32(at, address, true);
      } else if (kind === 'i32') view.setUint32(at, Number(value) >>> 0, true);
      else if (kind === 'i64') view.setBigInt64(at, BigInt(value), true);
      else view.setFloat64(at, Number(value), true);
    }
  }

  #set(name: CallParameter, value: number): void {
    this.scratch.view.setUint32(this.#addressOf(name), value, true);
  }

  #get(name: CallParameter): number {
    return this.scratch.view.getUint32(this.#addressOf(name), true);
  }

  #setCallKey(value: bigint): void {
    this.scratch.view.setBigInt64(this.#addressOf('callKey'), value, true);
  }

  #addressOf(name: CallParameter): number {
    return this.#parameters + CALL_PARAMETERS.indexOf(name) * PARAMETER_BYTES;
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

/** The groups of a job on their way into a partial result. */
class Output {
  readonly #buckets: number[] = [];
  readonly #dimensions: DimensionOutput[];
  readonly #states: WireState[][];
  readonly #setStates: readonly (((marks: Uint8Array) => State) | null)[];

  constructor(private readonly job: KernelJob) {
    const { lowered } = job;
    const { aggregators, aggregates, columns } = lowered;
    this.#dimensions = lowered.keys.map((key) => dimensionOutput(key, job.runs.calls));
    this.#states = aggregators.map(() => []);
    this.#setStates = aggregates.map(({ set }, i) =>
      set === null ? null : stateOfSet(columns, innerOf(aggregators[i]!), set),
    );
  }

  /** A group of an array, by its position in it. */
  addDense(view: DataView, at: number, call: number, position: number, sets: number): void {
    const { keys } = this.job.lowered;
    let rest = position;
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!;
      if (key.kind === 'codes' || key.kind === 'lists') {
        this.#dimensions[i]!.addCode(rest % key.size);
        rest = Math.floor(rest / key.size);
      } else this.#dimensions[i]!.addCode(key.kind === 'call' ? call : 0);
    }
    this.#addGroup(view, at, call, sets);
  }

  /** A group of a hash table, by the words of its key. */
  addHashed(view: DataView, at: number, sets: number): void {
    const { words, wordOffsets, callShift } = this.job.layout;
    const { keys } = this.job.lowered;
    const bits = wordOffsets.map((offset) => view.getBigUint64(at + offset, true));
    const call = Number(bits[bits.length - 1]! >> BigInt(callShift));
    const nulls = new Set<number>();
    for (const [i, word] of words.entries()) {
      if (word.kind === 'number') continue;
      for (const { part, shift, bits: width } of word.pieces) {
        const code = Number((bits[i]! >> BigInt(shift)) & ((1n << BigInt(width)) - 1n));
        if (keys[part]!.kind !== 'number') this.#dimensions[part]!.addCode(code);
        else if (code === 0) nulls.add(part);
      }
    }
    for (const [i, word] of words.entries()) {
      if (word.kind !== 'number') continue;
      const isNull = nulls.has(word.part);
      this.#dimensions[word.part]!.addBits(isNull ? null : BigInt.asIntN(64, bits[i]!));
    }
    for (const [i, key] of keys.entries()) {
      if (key.kind === 'call') this.#dimensions[i]!.addCode(call);
      else if (key.kind === 'constant') this.#dimensions[i]!.addCode(0);
    }
    this.#addGroup(view, at, call, sets);
  }

  partial(): GroupPartial {
    const { visible, rowsScanned } = this.job;
    return {
      kind: 'groups',
      buckets: this.#buckets,
      ordinals: this.#dimensions.map(({ ordinals }) => ordinals),
      values: this.#dimensions.map(({ values }) => values),
      states: this.#states,
      visible,
      rowsScanned,
      compiled: true,
    };
  }

  #addGroup(view: DataView, at: number, call: number, sets: number): void {
    const { lowered, layout, runs, target } = this.job;
    const { maxGroups } = target.limits;
    if (this.#buckets.length >= maxGroups) throw tooManyGroups(maxGroups);
    this.#buckets.push(runs.calls[call]!.bucketMs);
    const flags = view.getUint32(at, true);
    for (const [i, aggregate] of lowered.aggregates.entries()) {
      const toState = this.#setStates[i];
      const seen = !isConditional(aggregate) || (flags & (2 << i)) !== 0;
      const start = sets + layout.setOffsets[i]!;
      const state = toState
        ? toState(new Uint8Array(view.buffer, start, aggregate.set!.size))
        : aggregate.state(view, at + layout.fieldOffsets[i]!, seen);
      this.#states[i]!.push(lowered.aggregators[i]!.encode(state));
    }
  }
}

/** What is asked for each code of a set: the aggregator behind its filters. */
function innerOf(aggregator: Lowered['aggregators'][number]): Lowered['aggregators'][number] {
  return aggregator.form?.kind === 'filtered' ? innerOf(aggregator.form.aggregator) : aggregator;
}

function dimensionOutput(key: KeyPart, calls: readonly CallKey[]): DimensionOutput {
  switch (key.kind) {
    case 'constant':
      return new DimensionOutput(1, () => key.value);
    case 'call':
      return new DimensionOutput(calls.length, (call) => calls[call]!.values[key.part]!);
    case 'number':
      return new DimensionOutput(0, () => null, key.value);
    default:
      return new DimensionOutput(key.size, key.value);
  }
}

/** The values of one dimension, each once where it is known by a code. */
class DimensionOutput {
  readonly ordinals: number[] = [];
  readonly values: Value[] = [];
  readonly #ordinalOf: Int32Array;

  constructor(
    size: number,
    private readonly ofCode: (code: number) => Value,
    private readonly ofBits: (bits: bigint | null) => Value = () => null,
  ) {
    this.#ordinalOf = new Int32Array(size).fill(-1);
  }

  addCode(code: number): void {
    let ordinal = this.#ordinalOf[code]!;
    if (ordinal < 0) {
      ordinal = this.values.push(this.ofCode(code)) - 1;
      this.#ordinalOf[code] = ordinal;
    }
    this.ordinals.push(ordinal);
  }

  addBits(bits: bigint | null): void {
    this.ordinals.push(this.values.push(this.ofBits(bits)) - 1);
  }
}
