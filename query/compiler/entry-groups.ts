import { invariant } from '../../core/index.js';
import type { State, Value } from '../../model/index.js';
import { ALL_BUCKET } from '../interpreter/buckets.js';
import type { Groups } from '../interpreter/groups.js';
import { type EntryKey, entryKey } from './entry-keys.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { Lowered } from './lowered.js';
import { callWordOffset } from './output-keys.js';
import { type StateReader, stateReader } from './output-states.js';

/** The entries of a hash table whose keys tell everything, read where they lie. */
export class EntryGroups implements Groups {
  readonly #keys: readonly EntryKey[];
  readonly #states: readonly StateReader[];
  readonly #bucketOffset: number;

  constructor(
    lowered: Lowered,
    private readonly layout: Layout,
    readonly view: DataView,
    private readonly entries: number,
    readonly groupCount: number,
  ) {
    invariant(layout.callKeys.kind === 'values', 'keys tell their calls');
    this.#keys = lowered.keys.map((key, part) => entryKey(key, part, layout, view));
    this.#states = lowered.aggregators.map((_, i) =>
      stateReader({ lowered, layout, sketches: null }, i),
    );
    this.#bucketOffset = layout.callKeys.hasBuckets ? callWordOffset(layout, 0) : -1;
  }

  addressOf(group: number): number {
    return this.entries + group * this.layout.stride;
  }

  bucket(group: number): number {
    if (this.#bucketOffset < 0) return ALL_BUCKET;
    return Number(longAt(this.view, this.addressOf(group) + this.#bucketOffset));
  }

  value(dimension: number, group: number): Value {
    return this.#keys[dimension]!.value(this.addressOf(group));
  }

  state(aggregator: number, group: number): State {
    return this.#states[aggregator]!(this.view, this.addressOf(group));
  }

  order(dimension: number): ((a: number, b: number) => number) | null {
    const { order } = this.#keys[dimension]!;
    return order && ((a, b) => order(this.addressOf(a), this.addressOf(b)));
  }
}
