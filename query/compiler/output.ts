import { ALL_BUCKET } from '../interpreter/buckets.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { VisibleTimes } from '../interpreter/visible-times.js';
import type { GatherRoom } from './gather-room.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { Lowered } from './lowered.js';
import { callWordOffset, type KeyOutput, keyOutput } from './output-keys.js';
import { type StateOutput, stateOutput } from './output-states.js';
import type { PairRoom } from './pair-room.js';
import type { CallKey } from './row-runs.js';
import type { SketchRoom } from './sketch-room.js';

export interface OutputOptions {
  readonly lowered: Lowered;
  readonly layout: Layout;
  /** Of the job; none where the keys of groups tell them. */
  readonly calls: readonly CallKey[];
  readonly maxGroups: number;
  /** Where those of the groups are; null where no aggregator makes any. */
  readonly sketches: SketchRoom | PairRoom | null;
  /** The states that were folded here; null where kernels folded all. */
  readonly gathered: GatherRoom | null;
}

/** Groups on their way from their bytes into a partial result. */
export class GroupOutput {
  readonly #buckets: number[] = [];
  readonly #keys: readonly KeyOutput[];
  readonly #states: readonly StateOutput[];
  /** Where an entry tells its call, or its bucket; -1 where there is but one. */
  readonly #callOffset: number;

  constructor(private readonly options: OutputOptions) {
    const { lowered, layout, calls } = options;
    this.#keys = lowered.keys.map((key, part) => keyOutput(key, part, layout, calls));
    this.#states = lowered.aggregators.map((aggregator, i) => stateOutput(options, aggregator, i));
    this.#callOffset = calls.length === 1 ? -1 : callWordOffset(layout, 0);
  }

  /** A group of an array, by its position among the groups of its call. */
  addDense(view: DataView, at: number, call: number, position: number): void {
    let rest = position;
    const { keys } = this.options.lowered;
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!;
      if (key.kind === 'codes' || key.kind === 'lists') {
        const { size } = key;
        this.#keys[i]!.add(rest % size);
        rest = (rest / size) | 0;
      } else this.#keys[i]!.add(key.kind === 'call' ? call : 0);
    }
    this.#addGroup(view, at, this.options.calls[call]!.bucketMs);
  }

  /** A group of a hash table, by the words of its key. */
  addHashed(view: DataView, at: number): void {
    const { callKeys } = this.options.layout;
    const isOrdinal = callKeys.kind === 'ordinal' && this.#callOffset >= 0;
    const call = isOrdinal ? view.getUint32(at + this.#callOffset, true) : 0;
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i]!.addHashed(view, at, call);
    this.#addGroup(view, at, this.#bucketOf(view, at, call));
  }

  #bucketOf(view: DataView, at: number, call: number): number {
    const { layout, calls } = this.options;
    const { kind, hasBuckets } = layout.callKeys;
    if (!hasBuckets) return ALL_BUCKET;
    const isTold = kind === 'values' && this.#callOffset >= 0;
    return isTold ? Number(longAt(view, at + this.#callOffset)) : calls[call]!.bucketMs;
  }

  partial(visible: VisibleTimes, rowsScanned: number): GroupPartial {
    const { calls, layout } = this.options;
    const isOne = calls.length === 1 || !layout.callKeys.hasBuckets;
    return {
      kind: 'groups',
      groupCount: this.#buckets.length,
      buckets: isOne ? (calls[0]?.bucketMs ?? ALL_BUCKET) : Float64Array.from(this.#buckets),
      keys: this.#keys.map((key) => key.column()),
      states: this.#states.map((states) => states.column()),
      visible,
      rowsScanned,
      compiled: true,
    };
  }

  #addGroup(view: DataView, at: number, bucketMs: number): void {
    const { maxGroups } = this.options;
    if (this.#buckets.length >= maxGroups) throw tooManyGroups(maxGroups);
    this.#buckets.push(bucketMs);
    for (let i = 0; i < this.#states.length; i++) this.#states[i]!.add(view, at);
  }
}
