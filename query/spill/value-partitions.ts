import type { Scalar, Value } from '../../model/index.js';
import type { GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import { type StateColumn, stateColumn, stateReader } from '../interpreter/state-column.js';
import { valueOfWords } from '../interpreter/word-ordinals.js';

const PARTITION_BITS = 8;

/** Groups fall into as many partitions by the hash of their values: equal ones into the same, whatever form they have in a partial. */
export const VALUE_PARTITIONS = 2 ** PARTITION_BITS;

/** The groups of a partial by partition. */
export interface Partitioned {
  /** Numbers of groups, those of a partition together, ascending. */
  readonly groups: Uint32Array;
  /** Where each partition ends. */
  readonly ends: Uint32Array;
}

/** Keys must be no codes: they mean nothing outside of their segment. */
export function partitionedGroups({ groupCount, buckets, keys }: GroupPartial): Partitioned {
  const partitions = new Uint8Array(groupCount);
  const hashes = keys.map((key) => hashesOf(key));
  const ends = new Uint32Array(VALUE_PARTITIONS);
  for (let group = 0; group < groupCount; group++) {
    let hash = hashOfNumber(typeof buckets === 'number' ? buckets : buckets[group]!);
    for (let i = 0; i < hashes.length; i++) hash = mixed(hash, hashes[i]!(group));
    const partition = mixed(hash, 0) >>> (32 - PARTITION_BITS);
    partitions[group] = partition;
    ends[partition]!++;
  }
  const next = new Uint32Array(VALUE_PARTITIONS);
  for (let p = 1; p < VALUE_PARTITIONS; p++) {
    next[p] = ends[p - 1]!;
    ends[p]! += ends[p - 1]!;
  }
  const groups = new Uint32Array(groupCount);
  for (let group = 0; group < groupCount; group++) groups[next[partitions[group]!]!++] = group;
  return { groups, ends };
}

/** Some groups of a partial, alone. States are one for each group. */
export function chosenGroups(partial: GroupPartial, groups: Uint32Array): GroupPartial {
  const { buckets, keys, states } = partial;
  return {
    ...partial,
    groupCount: groups.length,
    buckets:
      typeof buckets === 'number' ? buckets : Float64Array.from(groups, (group) => buckets[group]!),
    keys: keys.map((key) => chosenKeys(key, groups)),
    states: states.map((column) => chosenStates(column, groups)),
  };
}

function chosenKeys(key: KeyColumn, groups: Uint32Array): KeyColumn {
  if (key.kind === 'codes')
    return { kind: 'codes', codes: groups.map((group) => key.codes[group]!) };
  if (key.kind === 'words') {
    const words = new Uint32Array(2 * groups.length);
    for (let i = 0; i < groups.length; i++) {
      words[2 * i] = key.words[2 * groups[i]!]!;
      words[2 * i + 1] = key.words[2 * groups[i]! + 1]!;
    }
    const nulls = key.nulls && Uint8Array.from(groups, (group) => key.nulls![group]!);
    return { ...key, words, nulls };
  }
  const places = new Map<number, number>();
  const values: Value[] = [];
  const ordinals = groups.map((group) => {
    const ordinal = key.ordinals[group]!;
    const known = places.get(ordinal);
    if (known !== undefined) return known;
    places.set(ordinal, values.length);
    return values.push(key.values[ordinal]!) - 1;
  });
  return { kind: 'values', ordinals, values };
}

function chosenStates(column: StateColumn, groups: Uint32Array): StateColumn {
  if (column instanceof Float64Array) return Float64Array.from(groups, (group) => column[group]!);
  const read = stateReader(column);
  return stateColumn(Array.from(groups, (group) => read(group)));
}

type HashOf = (group: number) => number;

function hashesOf(key: KeyColumn): HashOf {
  if (key.kind === 'words') {
    const { words, nulls, form } = key;
    return (group) => {
      if (nulls !== null && nulls[group] === 1) return NULL_HASH;
      return hashOfValue(valueOfWords(form, words[2 * group]!, words[2 * group + 1]!));
    };
  }
  if (key.kind === 'codes') return (group) => hashOfNumber(key.codes[group]!);
  const { ordinals, values } = key;
  const hashes = Int32Array.from(values, hashOfValue);
  return (group) => hashes[ordinals[group]!]!;
}

const NULL_HASH = 0x1b873593;

/** Equal for values that make one group. */
export function hashOfValue(value: Value): number {
  if (value === null) return NULL_HASH;
  if (Array.isArray(value)) {
    const elements = value as readonly Scalar[];
    return elements.reduce<number>(
      (hash, each) => mixed(hash, hashOfScalar(each)),
      elements.length,
    );
  }
  return hashOfScalar(value as Scalar);
}

function hashOfScalar(value: Scalar): number {
  if (value === null) return NULL_HASH;
  if (typeof value === 'string') return hashOfText(value);
  return typeof value === 'bigint' ? hashOfText(String(value)) : hashOfNumber(Number(value));
}

function hashOfText(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Zeros of either sign are one value, and so is whatever is no number. */
function hashOfNumber(number: number): number {
  double[0] = number === 0 ? 0 : Number.isNaN(number) ? Number.NaN : number;
  return mixed(halves[0]!, halves[1]!);
}

function mixed(hash: number, next: number): number {
  const product = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ next;
  const again = Math.imul(product ^ (product >>> 13), 0xc2b2ae35);
  return again ^ (again >>> 16);
}
