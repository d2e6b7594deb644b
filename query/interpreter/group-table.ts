import { InternalError, invariant, ResourceLimitError } from '../../core/index.js';
import type { Aggregator, Scalar, State, Value } from '../../model/index.js';
import type { GroupIds, GroupStates, MergedTable } from './groups.js';
import type { MergedStates } from './merged-states.js';
import { valueOfWords, type WordForm, WordOrdinals } from './word-ordinals.js';

/** An array of no more than 64 bytes is part of its object: the tables of queries of one group or two are made in less time. */
const FIRST_SLOTS = 8;

/**
 * The groups of one query and their running states, by column.
 *
 *     group ─► bucket start, one ordinal per dimension, one state per aggregator
 *     ordinal ─► value of the dimension
 *
 * A group is found by open addressing: slots hold group numbers, keys are compared in the columns.
 * Groups are numbered in the order of first appearance.
 */
export class GroupTable implements MergedTable {
  /** Per group. */
  readonly buckets: number[] = [];
  /** Per dimension, per group. */
  readonly ordinals: number[][];
  readonly dimensions: readonly DimensionValues[];
  /** Per aggregator, per group; of those that are merged late, null. */
  readonly states: State[][];
  /** By aggregator. */
  readonly #late = new Map<number, MergedStates>();

  readonly #aggregators: readonly Aggregator[];
  readonly #maxGroups: number;
  /** By slot, two numbers: group + 1, 0 where free, and the hash of its key. A power of two of slots. */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  /** `groupOf` finds groups by it. */
  #only: { readonly bucketMs: number; groups: Int32Array } | null = null;

  /** With `givesStates`, states of new groups are null until somebody else sets them. */
  constructor(
    dimensionCount: number,
    aggregators: readonly Aggregator[],
    maxGroups: number,
    private readonly givesStates = false,
  ) {
    this.#aggregators = aggregators;
    this.#maxGroups = maxGroups;
    this.ordinals = Array.from({ length: dimensionCount }, () => []);
    this.dimensions = this.ordinals.map(() => new DimensionValues());
    this.states = aggregators.map(() => []);
  }

  get groupCount(): number {
    return this.buckets.length;
  }

  /** The ordinal of a value (a whole list for a dimension of ARRAY type), new or known. */
  ordinal(dimension: number, value: Value): number {
    return this.dimensions[dimension]!.ordinal(value);
  }

  /** The value of a dimension in a group. */
  value(dimension: number, group: number): Value {
    return this.dimensions[dimension]!.value(this.ordinals[dimension]![group]!);
  }

  get onlyBucket(): number | null {
    const [first] = this.buckets;
    return first !== undefined && this.buckets.every((bucket) => bucket === first) ? first : null;
  }

  bucket(group: number): number {
    return this.buckets[group]!;
  }

  state(aggregator: number, group: number): State {
    return this.#late.get(aggregator)?.state(group) ?? this.states[aggregator]![group]!;
  }

  finalised(aggregator: number, group: number): Value {
    const late = this.#late.get(aggregator);
    if (late !== undefined) return late.finalised(group);
    return this.#aggregators[aggregator]!.finalise(this.states[aggregator]![group]!);
  }

  /** Each state is merged once, and only where somebody asks for it. */
  statesOf(group: number): GroupStates {
    const known: State[] = [];
    const state = (aggregator: number): State => {
      known[aggregator] ??= this.state(aggregator, group);
      return known[aggregator]!;
    };
    return {
      state,
      finalised: (aggregator) =>
        this.#late.get(aggregator)?.makesNoStates
          ? this.finalised(aggregator, group)
          : this.#aggregators[aggregator]!.finalise(state(aggregator)),
    };
  }

  /** From now on the states of an aggregator are these. */
  useStates(aggregator: number, states: MergedStates): void {
    this.#late.set(aggregator, states);
  }

  order(): null {
    return null;
  }

  ids(dimension: number): GroupIds {
    const ordinals = this.ordinals[dimension]!;
    const values = this.dimensions[dimension]!;
    return {
      size: ordinals.reduce((most, ordinal) => Math.max(most, ordinal + 1), 0),
      id: (group) => ordinals[group]!,
      value: (ordinal) => values.value(ordinal),
    };
  }

  columns(): null {
    return null;
  }

  /** The group of a bucket and of one ordinal per dimension; a new one starts with initial states. */
  group(bucketMs: number, ordinals: readonly number[]): number {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    const hash = hashOf(bucketMs, ordinals);
    let slot = hash & mask;
    for (;;) {
      const group = slots[2 * slot]! - 1;
      if (group < 0) break;
      // Most slots on the way hold other hashes: their keys, which lie elsewhere, are not looked at.
      const mayBeSame = slots[2 * slot + 1] === hash;
      if (mayBeSame && this.#isSame(group, bucketMs, ordinals)) return group;
      slot = (slot + 1) & mask;
    }
    const group = this.#add(bucketMs);
    for (let i = 0; i < ordinals.length; i++) this.ordinals[i]!.push(ordinals[i]!);
    slots[2 * slot] = group + 1;
    slots[2 * slot + 1] = hash;
    if (4 * this.groupCount > slots.length) this.#resize(2 * slots.length);
    return group;
  }

  /** As `group`, of a table of one dimension; not to be mixed with it in one table. */
  groupOf(bucketMs: number, ordinal: number): number {
    const groups = this.#onlyGroups(bucketMs, ordinal);
    const known = groups[ordinal]!;
    if (known !== 0) return known - 1;
    const group = this.#add(bucketMs);
    this.ordinals[0]!.push(ordinal);
    groups[ordinal] = group + 1;
    return group;
  }

  /** Group + 1 by ordinal, of the last bucket that was asked for. */
  #onlyGroups(bucketMs: number, ordinal: number): Int32Array {
    if (this.#only?.bucketMs !== bucketMs) {
      this.#only = { bucketMs, groups: new Int32Array(1024) };
      for (let group = 0; group < this.groupCount; group++) {
        if (this.buckets[group] !== bucketMs) continue;
        const known = this.ordinals[0]![group]!;
        this.#only.groups = withRoom(this.#only.groups, known);
        this.#only.groups[known] = group + 1;
      }
    }
    this.#only.groups = withRoom(this.#only.groups, ordinal);
    return this.#only.groups;
  }

  #isSame(group: number, bucketMs: number, ordinals: readonly number[]): boolean {
    if (this.buckets[group] !== bucketMs) return false;
    for (let i = 0; i < ordinals.length; i++) {
      if (this.ordinals[i]![group] !== ordinals[i]) return false;
    }
    return true;
  }

  /** Whoever calls it adds the ordinals. */
  #add(bucketMs: number): number {
    const group = this.groupCount;
    if (group >= this.#maxGroups) throw tooManyGroups(this.#maxGroups);
    this.buckets.push(bucketMs);
    for (let i = 0; i < this.states.length; i++) {
      this.states[i]!.push(this.givesStates ? null : this.#aggregators[i]!.initial());
    }
    return group;
  }

  /** Makes room for so many more groups at once. */
  reserve(groups: number): void {
    const wanted = 4 * (this.groupCount + groups);
    if (wanted > this.#slots.length) this.#resize(2 ** Math.ceil(Math.log2(wanted)));
  }

  #resize(length: number): void {
    const old = this.#slots;
    const slots = new Int32Array(length);
    const mask = length / 2 - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      const hash = old[at + 1]!;
      let slot = hash & mask;
      while (slots[2 * slot] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = old[at]!;
      slots[2 * slot + 1] = hash;
    }
    this.#slots = slots;
  }
}

/** The array, or a larger copy in which `index` has a place. */
export function withRoom(array: Int32Array, index: number): Int32Array {
  if (index < array.length) return array;
  const larger = new Int32Array(Math.max(2 * array.length, index + 1));
  larger.set(array);
  return larger;
}

function hashOf(bucketMs: number, ordinals: readonly number[]): number {
  let hash = Math.imul((bucketMs / 1000) | 0, 0x9e3779b1);
  for (let i = 0; i < ordinals.length; i++) {
    hash = Math.imul(hash ^ ordinals[i]!, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** The distinct values of one dimension, by ordinal. */
export class DimensionValues {
  readonly #ordinalOf = new Map<Scalar, number>();
  readonly #values: (Value | undefined)[] = [];
  /** Of numbers: by their place among them, their ordinals. */
  #numbers: { readonly words: WordOrdinals; readonly ordinals: number[] } | null = null;
  #decode: ((code: number) => Value) | null = null;
  #words: { readonly form: WordForm; readonly ordinals: WordOrdinals } | null = null;

  /** From now on ordinals are codes of a dictionary, which are decoded when their value is asked for. */
  useCodes(decode: (code: number) => Value): void {
    invariant(this.#values.length === 0, 'codes and values do not mix');
    this.#decode = decode;
  }

  /** From now on all values are 64-bit numbers, or their texts, made only when they are asked for. */
  useWords(form: WordForm): void {
    invariant(this.#values.length === 0, 'words and values do not mix');
    this.#words = { form, ordinals: new WordOrdinals() };
  }

  /** The ordinal of a number by its bits. Ordinal 0 of words is null. */
  ofWords(form: WordForm, low: number, high: number, isNull: boolean): number {
    if (this.#words !== null) return isNull ? 0 : 1 + this.#words.ordinals.ordinal(low, high);
    if (isNull) return this.ordinal(null);
    return this.ordinal(valueOfWords(form, low, high));
  }

  get isCodes(): boolean {
    return this.#decode !== null;
  }

  ordinal(value: Value): number {
    if (this.#decode !== null || this.#words !== null) {
      throw new InternalError('codes or words and values do not mix');
    }
    if (typeof value === 'number') return this.#ofNumber(value);
    const key = ordinalKey(value);
    const found = this.#ordinalOf.get(key);
    if (found !== undefined) return found;
    const ordinal = this.#values.push(value) - 1;
    this.#ordinalOf.set(key, ordinal);
    return ordinal;
  }

  /** Numbers are found by their bits: a Map of a million of them takes several times as long. */
  #ofNumber(number: number): number {
    // Zero of either sign is one group, shown without a sign whatever came first.
    double[0] = number === 0 ? 0 : number;
    this.#numbers ??= { words: new WordOrdinals(), ordinals: [] };
    const { words, ordinals } = this.#numbers;
    const place = Number.isNaN(number)
      ? words.ordinal(...NAN_WORDS)
      : words.ordinal(halves[0]!, halves[1]!);
    ordinals[place] ??= this.#values.push(double[0]) - 1;
    return ordinals[place];
  }

  value(ordinal: number): Value {
    const known = this.#values[ordinal];
    if (known !== undefined) return known;
    const value = this.#made(ordinal);
    this.#values[ordinal] = value;
    return value;
  }

  #made(ordinal: number): Value {
    if (this.#words === null) return this.#decode!(ordinal);
    if (ordinal === 0) return null;
    const { form, ordinals } = this.#words;
    return valueOfWords(form, ordinals.low(ordinal - 1), ordinals.high(ordinal - 1));
  }

  /** All values, where they are no codes. */
  get all(): readonly Value[] {
    return this.#values as Value[];
  }
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
const NAN_WORDS = [0, 0x7ff80000] as const;

/** Lists are keyed by a text that no other list shares: type and length stand before each element. */
function ordinalKey(value: Value): Scalar {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) throw new InternalError('a group key is a scalar or a list');
  const parts = (value as readonly Scalar[]).map((element) => {
    const text = String(element);
    return `${element === null ? 'n' : typeof element === 'string' ? 's' : 'd'}${text.length}:${text}`;
  });
  return `\u0000list${parts.join('')}`;
}

export const tooManyGroups = (maxGroups: number): ResourceLimitError =>
  new ResourceLimitError(
    `the query makes more than ${maxGroups} groups (maxGroups); group by fewer dimensions, filter more, use a coarser granularity, or raise maxGroups`,
    maxGroups,
    maxGroups + 1,
  );
