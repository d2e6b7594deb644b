import type { Filter } from '../../model/index.js';
import { hashBucket, type PartitionValue } from '../../segments/index.js';

/** As many combinations of texts are looked at. */
const MAX_TUPLES = 10_000;

export type Tuple = readonly PartitionValue[];

/** The texts that a filter names, by column. */
export class FilterTexts {
  readonly #texts = new Map<string, ReadonlySet<string>>();
  readonly #tuples = new Map<string, ReadonlyMap<number, readonly Tuple[]> | null>();

  constructor(private readonly filter: Filter) {}

  of(column: string): ReadonlySet<string> {
    const known = this.#texts.get(column);
    if (known !== undefined) return known;
    const texts = new Set<string>();
    collect(this.filter, column, texts);
    this.#texts.set(column, texts);
    return texts;
  }

  /** All combinations of these texts and null, by the bucket that they hash to; null when there are too many. */
  tuples(
    columns: readonly string[],
    numBuckets: number,
  ): ReadonlyMap<number, readonly Tuple[]> | null {
    const key = JSON.stringify([numBuckets, columns]);
    const known = this.#tuples.get(key);
    if (known !== undefined) return known;
    const lists = columns.map((column): PartitionValue[] => [null, ...this.of(column)]);
    const count = lists.reduce((product, { length }) => product * length, 1);
    const tuples = count > MAX_TUPLES ? null : byBucket(combinations(lists), numBuckets);
    this.#tuples.set(key, tuples);
    return tuples;
  }
}

function collect({ form }: Filter, column: string, into: Set<string>): void {
  switch (form?.kind) {
    case 'and':
    case 'or':
      for (const filter of form.filters) collect(filter, column, into);
      return;
    case 'not':
    case 'is':
      collect(form.filter, column, into);
      return;
    case 'values':
      if (form.column !== column || form.texts?.kind !== 'points') return;
      for (const text of form.texts.texts) into.add(text);
  }
}

const combinations = (lists: readonly PartitionValue[][]): Tuple[] =>
  lists.reduce<Tuple[]>(
    (tuples, values) => tuples.flatMap((tuple) => values.map((value) => [...tuple, value])),
    [[]],
  );

function byBucket(tuples: readonly Tuple[], numBuckets: number): Map<number, Tuple[]> {
  const buckets = new Map<number, Tuple[]>();
  for (const tuple of tuples) {
    const bucket = hashBucket(tuple, numBuckets);
    const inside = buckets.get(bucket);
    if (inside === undefined) buckets.set(bucket, [tuple]);
    else inside.push(tuple);
  }
  return buckets;
}
