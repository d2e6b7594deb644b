import { invariant } from '../../core/index.js';
import type { Aggregator, State, Value, ValueType } from '../../model/index.js';
import type { ScanColumn } from '../../segments/index.js';
import { ALL_BUCKET } from '../interpreter/buckets.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { GroupColumns, GroupIds, Groups } from '../interpreter/groups.js';
import { distinctCodes, placeOfCode } from './distinct-codes.js';
import { codesOf, EntryColumns, type EntryNumber, type EntryRows } from './entry-columns.js';
import { type EntryCodes, type EntryKey, entryKey } from './entry-keys.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { Lowered } from './lowered.js';
import { callWordOffset } from './output-keys.js';
import { type StateReader, stateReader } from './output-states.js';
import type { Scratch } from './scratch.js';

export interface EntryGroupsOptions {
  readonly lowered: Lowered;
  readonly layout: Layout;
  readonly plan: GroupPlan;
  /** Where the entries are, and some room to spare. */
  readonly scratch: Scratch;
  readonly address: number;
}

/** The entries of a hash table whose keys tell everything, read where they lie. */
export class EntryGroups implements Groups {
  readonly view: DataView;
  readonly #keys: readonly EntryKey[];
  readonly #states: readonly StateReader[];
  readonly #bucketOffset: number;
  readonly #ids: (GroupIds | undefined)[] = [];

  constructor(
    private readonly options: EntryGroupsOptions,
    readonly groupCount: number,
  ) {
    const { lowered, layout, scratch } = options;
    invariant(layout.callKeys.kind === 'values', 'keys tell their calls');
    this.view = scratch.view;
    this.#keys = lowered.keys.map((key, part) => entryKey(key, part, layout, scratch.view));
    this.#states = lowered.aggregators.map((_, i) => stateReader({ lowered, layout }, i));
    this.#bucketOffset = layout.callKeys.hasBuckets ? callWordOffset(layout, 0) : -1;
  }

  get onlyBucket(): number | null {
    return this.#bucketOffset < 0 ? ALL_BUCKET : null;
  }

  addressOf(group: number): number {
    return this.options.address + group * this.options.layout.stride;
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

  finalised(aggregator: number, group: number): Value {
    return this.options.lowered.aggregators[aggregator]!.finalise(this.state(aggregator, group));
  }

  order(dimension: number): ((a: number, b: number) => number) | null {
    const { order } = this.#keys[dimension]!;
    return order && ((a, b) => order(this.addressOf(a), this.addressOf(b)));
  }

  /** Of the codes that occur, in their order. */
  ids(dimension: number): GroupIds | null {
    const { codes } = this.#keys[dimension]!;
    if (codes === null) return null;
    this.#ids[dimension] ??= this.#idsOf(codes);
    return this.#ids[dimension];
  }

  columns(): GroupColumns {
    const { scratch, plan } = this.options;
    const columns = new EntryColumns(this.#rows, scratch);
    const known = new Map<string, ScanColumn | null>();
    const once = (name: string, make: () => ScanColumn | null): ScanColumn | null => {
      if (!known.has(name)) known.set(name, make());
      return known.get(name)!;
    };
    return {
      memory: columns.memory,
      dimension: (i) =>
        once(`dimension ${i}`, () => {
          const { outputType } = plan.dimensions[i]!;
          const number = this.#numberOf(i, outputType);
          if (number !== null) return columns.numbers(number);
          const ids = outputType === 'STRING' ? this.ids(i) : null;
          return ids && columns.ids(ids);
        }),
      aggregator: (i) =>
        once(`aggregator ${i}`, () => {
          const number = this.#stateOf(i, plan.aggregations[i]!);
          return number && columns.numbers(number);
        }),
    };
  }

  get #rows(): EntryRows {
    const { address, layout } = this.options;
    return { address, stride: layout.stride, count: this.groupCount };
  }

  #numberOf(dimension: number, type: ValueType): EntryNumber | null {
    if (type !== 'LONG' && type !== 'DOUBLE') return null;
    return { type, ...this.#keys[dimension]! };
  }

  /** Aggregators that have a field finalise to it. */
  #stateOf(i: number, { resultType }: Aggregator): EntryNumber | null {
    const { lowered, layout } = this.options;
    const { field, derived } = lowered.aggregates[i]!;
    if (resultType !== 'LONG' && resultType !== 'DOUBLE') return null;
    const isPlain = derived === null && field !== null && layout.flags[i] === 0;
    const read = this.#states[i]!;
    return {
      type: resultType,
      value: (at) => read(this.view, at) as Value,
      offset: isPlain ? layout.fieldOffsets[i]! : null,
      codes: null,
    };
  }

  #idsOf({ place, value }: EntryCodes): GroupIds {
    const codes = codesOf(this.#rows, this.options.scratch.memory, place);
    const distinct = distinctCodes(codes);
    return {
      size: distinct.length,
      id: (group) => placeOfCode(distinct, codes[group]!),
      value: (id) => value(distinct[id]!),
    };
  }
}
