import { InternalError, invariant, ResourceLimitError } from '../../core/index.js';
import type { Aggregator, Scalar, State, Value } from '../../model/index.js';

/** Ordinals of one dimension stay below this, so that (node, ordinal) is one exact double. */
const ORDINAL_SPAN = 2 ** 26;
const NODE_SPAN = 2 ** 27;

/**
 * The groups of one query and their running states.
 *
 *     group ─► bucket start, one ordinal per dimension, one state per aggregator
 *     ordinal ─► value of the dimension
 *
 * A group is found by walking a trie: its root is the time bucket, each level a dimension, an edge
 * the ordinal of a value. All edges of one level share a Map keyed by node * 2^26 + ordinal, which
 * is a small integer in the usual case of one bucket and one dimension. Groups are numbered in the
 * order of first appearance.
 */
export class GroupTable {
  /** Per group. */
  readonly buckets: number[] = [];
  /** Per dimension, per group. */
  readonly ordinals: number[][];
  /** Per dimension, per ordinal. */
  readonly values: Value[][];
  /** Per aggregator, per group. */
  readonly states: State[][];

  readonly #aggregators: readonly Aggregator[];
  readonly #maxGroups: number;
  readonly #bucketNodes = new Map<number, number>();
  readonly #levels: Map<number, number>[];
  readonly #ordinalOf: Map<Scalar, number>[];

  constructor(dimensionCount: number, aggregators: readonly Aggregator[], maxGroups: number) {
    const perDimension = <T>(make: () => T) => Array.from({ length: dimensionCount }, make);
    this.#aggregators = aggregators;
    this.#maxGroups = maxGroups;
    this.ordinals = perDimension(() => []);
    this.values = perDimension(() => []);
    this.states = aggregators.map(() => []);
    this.#levels = perDimension(() => new Map());
    this.#ordinalOf = perDimension(() => new Map());
  }

  get groupCount(): number {
    return this.buckets.length;
  }

  /** The ordinal of a value (a whole list for a dimension of ARRAY type), new or known. */
  ordinal(dimension: number, value: Value): number {
    const known = this.#ordinalOf[dimension]!;
    const key = ordinalKey(value);
    const found = known.get(key);
    if (found !== undefined) return found;
    const ordinal = known.size;
    invariant(ordinal < ORDINAL_SPAN, 'too many distinct values of a dimension');
    known.set(key, ordinal);
    // Zero of either sign is one group: show it without a sign whatever came first.
    this.values[dimension]!.push(value === 0 ? 0 : value);
    return ordinal;
  }

  /** The group of a bucket and of one ordinal per dimension; a new one starts with initial states. */
  group(bucketMs: number, ordinals: readonly number[]): number {
    let node = this.#bucketNodes.get(bucketMs);
    let isNew = node === undefined;
    if (node === undefined) {
      node = this.#bucketNodes.size;
      this.#bucketNodes.set(bucketMs, node);
    }
    for (let level = 0; level < this.#levels.length; level++) {
      const edges = this.#levels[level]!;
      const key = node * ORDINAL_SPAN + ordinals[level]!;
      const child = edges.get(key);
      isNew = child === undefined;
      node = child ?? edges.size;
      if (isNew) edges.set(key, node);
    }
    if (isNew) this.#add(node, bucketMs, ordinals);
    return node;
  }

  /** The value of a dimension in a group. */
  value(dimension: number, group: number): Value {
    return this.values[dimension]![this.ordinals[dimension]![group]!]!;
  }

  #add(group: number, bucketMs: number, ordinals: readonly number[]): void {
    if (group !== this.buckets.length) throw new InternalError('groups are numbered in order');
    if (group >= this.#maxGroups || group >= NODE_SPAN) throw tooManyGroups(this.#maxGroups);
    this.buckets.push(bucketMs);
    for (let i = 0; i < this.ordinals.length; i++) this.ordinals[i]!.push(ordinals[i]!);
    for (let i = 0; i < this.states.length; i++) {
      this.states[i]!.push(this.#aggregators[i]!.initial());
    }
  }
}

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
