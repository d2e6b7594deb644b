import { InternalError } from '../../core/index.js';
import type { Aggregator, State, Value, WireState } from '../../model/index.js';
import type { GroupPartial, KeyColumn, StateColumn } from '../interpreter/group-partial.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { VisibleTimes } from '../interpreter/visible-times.js';
import { type Aggregate, stateOfSet } from './aggregates.js';
import type { KeyPart } from './keys.js';
import { isConditional, type Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { PairTable } from './pairs.js';
import type { CallKey } from './row-runs.js';
import type { KernelJob } from './run.js';

/** Values of dimensions with more codes than this are left to whoever merges the partials. */
const MAX_DECODED = 1024;

/** What of a group does not lie in its entry. */
export interface FoundGroup {
  /** Where its sets begin. */
  readonly sets: number;
  /** Its number, where groups are numbered. */
  readonly group: number;
  readonly pairs: PairTable | null;
}

/** The groups of a job on their way into a partial result. */
export class GroupOutput {
  readonly #buckets: number[] = [];
  readonly #keys: readonly KeyOutput[];
  readonly #states: readonly StateOutput[];

  constructor(private readonly job: KernelJob) {
    const { lowered, layout, runs } = job;
    this.#keys = lowered.keys.map((key, part) => keyOutput(key, part, layout, runs.calls));
    this.#states = lowered.aggregates.map((aggregate, i) =>
      stateOutput(job, aggregate, lowered.aggregators[i]!, i),
    );
  }

  /** A group of an array, by its position among the groups of its call. */
  addDense(view: DataView, at: number, call: number, position: number, found: FoundGroup): void {
    let rest = position;
    const { keys } = this.job.lowered;
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!;
      if (key.kind === 'codes' || key.kind === 'lists') {
        const { size } = key;
        this.#keys[i]!.add(rest % size);
        rest = (rest / size) | 0;
      } else this.#keys[i]!.add(key.kind === 'call' ? call : 0);
    }
    this.#addGroup(view, at, call, found);
  }

  /** A group of a hash table, by the words of its key. */
  addHashed(view: DataView, at: number, found: FoundGroup): void {
    const { wordOffsets, callShift } = this.job.layout;
    const last = at + wordOffsets[wordOffsets.length - 1]!;
    const { calls } = this.job.runs;
    const call = calls.length === 1 ? 0 : bitsAt(view, last, callShift, 32);
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i]!.addHashed(view, at, call);
    this.#addGroup(view, at, call, found);
  }

  partial(visible: VisibleTimes, rowsScanned: number): GroupPartial {
    const { runs } = this.job;
    const groupCount = this.#buckets.length;
    return {
      kind: 'groups',
      groupCount,
      buckets: runs.calls.length === 1 ? runs.calls[0]!.bucketMs : Float64Array.from(this.#buckets),
      keys: this.#keys.map((key) => key.column()),
      states: this.#states.map((states) => states.column()),
      visible,
      rowsScanned,
      compiled: true,
    };
  }

  #addGroup(view: DataView, at: number, call: number, found: FoundGroup): void {
    const { runs, scan } = this.job;
    const { maxGroups } = scan.target.limits;
    if (this.#buckets.length >= maxGroups) throw tooManyGroups(maxGroups);
    this.#buckets.push(runs.calls[call]!.bucketMs);
    for (let i = 0; i < this.#states.length; i++) this.#states[i]!.add(view, at, found);
  }
}

/** `bits` (32 at most) of the 64-bit word at an address, from `shift` on. */
function bitsAt(view: DataView, address: number, shift: number, bits: number): number {
  const low = view.getUint32(address, true);
  const high = view.getUint32(address + 4, true);
  const moved =
    shift === 0
      ? low
      : shift < 32
        ? (low >>> shift) | (high << (32 - shift))
        : high >>> (shift - 32);
  return bits === 32 ? moved >>> 0 : (moved & (2 ** bits - 1)) >>> 0;
}

/** Collects one dimension. */
interface KeyOutput {
  /** By code. */
  add(code: number): void;
  /** From the key of an entry, or from its call. */
  addHashed(view: DataView, at: number, call: number): void;
  column(): KeyColumn;
}

function keyOutput(
  key: KeyPart,
  part: number,
  layout: Layout,
  calls: readonly CallKey[],
): KeyOutput {
  switch (key.kind) {
    case 'constant':
      return new ValueOutput(
        1,
        () => key.value,
        () => 0,
      );
    case 'call':
      return new ValueOutput(
        calls.length,
        (call) => calls[call]!.values[key.part]!,
        (_view, _at, call) => call,
      );
    case 'number':
      return key.isPlain ? new WordOutput(key, part, layout) : new CastOutput(key, part, layout);
    default: {
      const read = codeReader(part, layout);
      return key.kind === 'codes' && key.isDistinct && key.size > MAX_DECODED
        ? new CodeOutput(read)
        : new ValueOutput(key.size, key.value, read);
    }
  }
}

type CodeReader = (view: DataView, at: number, call: number) => number;

/** Where in an entry of a hash table the code of a part lies. */
function codeReader(part: number, layout: Layout): CodeReader {
  for (const [i, word] of layout.words.entries()) {
    if (word.kind === 'number') continue;
    const piece = word.pieces.find((each) => each.part === part);
    if (piece === undefined) continue;
    const offset = layout.wordOffsets[i]!;
    return (view, at) => bitsAt(view, at + offset, piece.shift, piece.bits);
  }
  return () => 0;
}

/** Growing numbers, without a box for each. */
class Numbers {
  #array = new Float64Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }

  get values(): Float64Array {
    return this.#array.subarray(0, this.length);
  }
}

class CodeOutput implements KeyOutput {
  readonly #codes = new Numbers();

  constructor(private readonly read: CodeReader) {}

  add(code: number): void {
    this.#codes.push(code);
  }

  addHashed(view: DataView, at: number, call: number): void {
    this.#codes.push(this.read(view, at, call));
  }

  column(): KeyColumn {
    return { kind: 'codes', codes: Uint32Array.from(this.#codes.values) };
  }
}

/** Values are told once for each code. */
class ValueOutput implements KeyOutput {
  readonly #ordinals = new Numbers();
  readonly #values: Value[] = [];
  readonly #ordinalOf: Int32Array;

  constructor(
    size: number,
    private readonly valueOfCode: (code: number) => Value,
    private readonly read: CodeReader,
  ) {
    this.#ordinalOf = new Int32Array(size).fill(-1);
  }

  add(code: number): void {
    let ordinal = this.#ordinalOf[code]!;
    if (ordinal < 0) {
      ordinal = this.#values.push(this.valueOfCode(code)) - 1;
      this.#ordinalOf[code] = ordinal;
    }
    this.#ordinals.push(ordinal);
  }

  addHashed(view: DataView, at: number, call: number): void {
    this.add(this.read(view, at, call));
  }

  column(): KeyColumn {
    const ordinals = Uint32Array.from(this.#ordinals.values);
    return { kind: 'values', ordinals, values: this.#values };
  }
}

/** Numbers of which values are made: of every group one. */
class CastOutput implements KeyOutput {
  readonly #values: Value[] = [];
  readonly #offset: number;
  readonly #valid: CodeReader;

  constructor(
    private readonly key: NumberPart,
    part: number,
    layout: Layout,
  ) {
    this.#offset = wordOffset(part, layout);
    this.#valid = key.num.valid === null ? () => 1 : codeReader(part, layout);
  }

  add(): void {
    throw new InternalError('numbers are no positions of an array');
  }

  addHashed(view: DataView, at: number, call: number): void {
    const { num, value } = this.key;
    if (this.#valid(view, at, call) === 0) this.#values.push(value(null));
    else if (num.type === 'LONG') this.#values.push(value(longAt(view, at + this.#offset)));
    else this.#values.push(value(view.getFloat64(at + this.#offset, true)));
  }

  column(): KeyColumn {
    const values = this.#values;
    return { kind: 'values', ordinals: Uint32Array.from(values, (_, i) => i), values };
  }
}

/** Numbers as they are. */
class WordOutput implements KeyOutput {
  readonly #lows = new Numbers();
  readonly #highs = new Numbers();
  readonly #nulls = new Numbers();
  readonly #offset: number;
  readonly #valid: CodeReader | null;

  constructor(
    private readonly key: NumberPart,
    part: number,
    layout: Layout,
  ) {
    this.#offset = wordOffset(part, layout);
    this.#valid = key.num.valid === null ? null : codeReader(part, layout);
  }

  add(): void {
    throw new InternalError('numbers are no positions of an array');
  }

  addHashed(view: DataView, at: number, call: number): void {
    const low = view.getUint32(at + this.#offset, true);
    const high = view.getUint32(at + this.#offset + 4, true);
    const isDouble = this.key.num.type === 'DOUBLE';
    // NaN and zero have several patterns, which are one group.
    const isNaN = isDouble && (high & 0x7fffffff) >= 0x7ff00000 + (low === 0 ? 1 : 0);
    const isZero = isDouble && low === 0 && (high & 0x7fffffff) === 0;
    this.#lows.push(isNaN ? 0 : low);
    this.#highs.push(isNaN ? 0x7ff80000 : isZero ? 0 : high);
    if (this.#valid !== null) this.#nulls.push(1 - this.#valid(view, at, call));
  }

  column(): KeyColumn {
    const [lows, highs] = [this.#lows.values, this.#highs.values];
    const words = new Uint32Array(2 * lows.length);
    for (let i = 0; i < lows.length; i++) {
      words[2 * i] = lows[i]!;
      words[2 * i + 1] = highs[i]!;
    }
    const nulls = this.#valid === null ? null : Uint8Array.from(this.#nulls.values);
    return { kind: 'words', type: this.key.num.type, words, nulls };
  }
}

type NumberPart = Extract<KeyPart, { kind: 'number' }>;

/** Where in an entry of a hash table the word of a number lies. */
function wordOffset(part: number, layout: Layout): number {
  const word = layout.words.findIndex((each) => each.kind === 'number' && each.part === part);
  return layout.wordOffsets[word] ?? 0;
}

/** Collects the states of one aggregator. */
interface StateOutput {
  add(view: DataView, at: number, found: FoundGroup): void;
  column(): StateColumn;
}

function stateOutput(
  { lowered, layout }: KernelJob,
  aggregate: Aggregate,
  aggregator: Aggregator,
  i: number,
): StateOutput {
  const { set } = aggregate;
  if (set !== null) {
    const toState = stateOfSet(lowered.columns, innermost(aggregator), set);
    return new SetOutput(aggregator, toState, layout.setOffsets[i]!, set.size);
  }
  const pair = layout.pairAggregates.indexOf(i);
  if (pair >= 0) return new PairOutput(aggregator, pair);
  return new FieldOutput(aggregate, aggregator, layout.fieldOffsets[i]!, 2 << i);
}

/** The aggregator behind its filters. */
export const innermost = (aggregator: Aggregator): Aggregator =>
  aggregator.form?.kind === 'filtered' ? innermost(aggregator.form.aggregator) : aggregator;

class PairOutput implements StateOutput {
  readonly #states: WireState[] = [];

  constructor(
    private readonly aggregator: Aggregator,
    private readonly pair: number,
  ) {}

  add(_view: DataView, _at: number, { group, pairs }: FoundGroup): void {
    this.#states.push(this.aggregator.encode(pairs!.state(this.pair, group)));
  }

  column(): StateColumn {
    return this.#states;
  }
}

class SetOutput implements StateOutput {
  readonly #states: WireState[] = [];

  constructor(
    private readonly aggregator: Aggregator,
    private readonly toState: (marks: Uint8Array) => State,
    private readonly offset: number,
    private readonly size: number,
  ) {}

  add(view: DataView, _at: number, { sets }: FoundGroup): void {
    const marks = new Uint8Array(view.buffer, sets + this.offset, this.size);
    this.#states.push(this.aggregator.encode(this.toState(marks)));
  }

  column(): StateColumn {
    return this.#states;
  }
}

class FieldOutput implements StateOutput {
  readonly #numbers = new Numbers();
  #states: WireState[] | null = null;
  readonly #isSure: boolean;

  constructor(
    private readonly aggregate: Aggregate,
    private readonly aggregator: Aggregator,
    private readonly offset: number,
    private readonly flag: number,
  ) {
    this.#isSure = !isConditional(aggregate);
  }

  add(view: DataView, at: number): void {
    const seen = this.#isSure || (view.getUint32(at, true) & this.flag) !== 0;
    const state = this.aggregate.state(view, at + this.offset, seen);
    if (this.#states === null && typeof state === 'number') this.#numbers.push(state);
    else this.#asStates().push(this.aggregator.encode(state));
  }

  column(): StateColumn {
    return this.#states ?? this.#numbers.values.slice();
  }

  #asStates(): WireState[] {
    this.#states ??= Array.from(this.#numbers.values);
    return this.#states;
  }
}
