import { stringifyJson } from '../../core/index.js';
import type { Value, VirtualColumn } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { BoundedMap } from '../executor/bounded-map.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { DimensionValues } from '../interpreter/group-table.js';
import type { TypesOf } from '../plan/column-facts.js';
import { BucketNumbers } from './bucket-numbers.js';

/** What the codes of trees stand for in the groups of a question. */
export interface KnownKeys {
  readonly time: KnownCodes<number>;
  /** Parallel to the dimensions that are grouped by. */
  readonly dimensions: readonly KnownCodes<Value>[];
}

/** Values, numbered as they first come up. */
export interface Numbering<V> {
  readonly all: readonly V[];
  ordinal(value: V): number;
}

/** Of more codes nothing is kept, be it what they stand for, or which numbers those of trees have: dictionaries may be large. */
export const MOST_CODES = 32_768;

/**
 * What codes stand for, numbered across the trees of a table: a value is made and looked up once for each code of a tree, not in
 * every query.
 */
export class KnownCodes<V> {
  #values: Numbering<V>;
  /** By tree, by code: the number of its value + 1; 0 where it has not come up. */
  #byTree = new WeakMap<Segment, Uint32Array>();

  constructor(private readonly makeNumbering: () => Numbering<V>) {
    this.#values = makeNumbering();
  }

  /** For records that have so many codes at most: what is known already, or, where that would be too much to keep, nothing. */
  forCodes(count: number): KnownCodes<V> {
    if (count > MOST_CODES) return new KnownCodes(this.makeNumbering);
    if (this.#values.all.length + count > MOST_CODES) {
      this.#values = this.makeNumbering();
      this.#byTree = new WeakMap();
    }
    return this;
  }

  /** Another object when all has been forgotten: numbers are other ones then. */
  get generation(): object {
    return this.#values;
  }

  /** By number. */
  get values(): readonly V[] {
    return this.#values.all;
  }

  number(value: V): number {
    return this.#values.ordinal(value);
  }

  /** By code of a tree: the number of its value + 1; 0 where nobody has asked for it. */
  ofTree(tree: Segment, codes: number): Uint32Array {
    const known = this.#byTree.get(tree);
    if (known !== undefined) return known;
    const numbers = new Uint32Array(codes);
    this.#byTree.set(tree, numbers);
    return numbers;
  }
}

/** Of a table, of each of the two. */
const MOST_KEYS = 32;

class KeysOfTable {
  readonly times = new BoundedMap<string, KnownCodes<number>>(MOST_KEYS);
  readonly dimensions = new BoundedMap<string, KnownCodes<Value>>(MOST_KEYS);
}

/** By the columns of a table. */
const known = new WeakMap<TypesOf, KeysOfTable>();

/** What is known of the keys of some groups, to all questions that group by the same. */
export function knownKeys(
  { granularity, dimensions }: GroupPlan,
  virtualColumns: readonly VirtualColumn[],
  types: TypesOf,
): KnownKeys {
  const { times, dimensions: values } = known.get(types) ?? addTable(types);
  const virtual = virtualColumns.map(({ spec }) => spec);
  const isOf = (spec: unknown) => stringifyJson([spec, virtual]);
  return {
    time: keyOf(times, isOf(granularity.spec), () => new BucketNumbers()),
    dimensions: dimensions.map(({ spec }) =>
      keyOf(values, isOf(spec), () => new DimensionValues()),
    ),
  };
}

function addTable(types: TypesOf): KeysOfTable {
  const keys = new KeysOfTable();
  known.set(types, keys);
  return keys;
}

function keyOf<V>(
  keys: BoundedMap<string, KnownCodes<V>>,
  name: string,
  makeNumbering: () => Numbering<V>,
): KnownCodes<V> {
  const found = keys.get(name);
  if (found !== undefined) return found;
  const made = new KnownCodes(makeNumbering);
  keys.add(name, made);
  return made;
}
