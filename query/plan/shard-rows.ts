import { compareText } from '../../core/index.js';
import type { PartitionValue, ShardSpec } from '../../segments/index.js';
import type { ColumnFacts, FactsOf } from './column-facts.js';
import type { FilterTexts } from './filter-texts.js';

/**
 * The rows of a segment in sets that its shard spec tells apart, as what is known of each set. Whoever can rule out all of
 * them has ruled out the segment, although what is known of its columns one by one may not do so.
 */
export function shardRows(spec: ShardSpec, facts: FactsOf, texts: FilterTexts): Iterable<FactsOf> {
  switch (spec.type) {
    case 'hashed':
      return hashedRows(spec, facts, texts);
    case 'single': {
      const { dimension, start, end } = spec;
      const tuple = (bound: string | null) => (bound === null ? null : [bound]);
      return rangeRows([dimension], facts, tuple(start), tuple(end));
    }
    case 'range':
      return rangeRows(spec.dimensions, facts, spec.start, spec.end);
    default:
      return [facts];
  }
}

/**
 * Rows with a text in some partition dimension that the filter does not name; and of all others those whose tuple falls into
 * the bucket. What hashes to it is known of single texts only.
 */
function* hashedRows(
  { partitionDimensions: dimensions, bucketId, numBuckets }: Extract<ShardSpec, { type: 'hashed' }>,
  facts: FactsOf,
  texts: FilterTexts,
): Generator<FactsOf> {
  const tuples = dimensions.length === 0 ? null : texts.tuples(dimensions, numBuckets);
  if (tuples === null || !dimensions.every((dimension) => isSingleText(facts(dimension)))) {
    yield facts;
    return;
  }
  for (const dimension of dimensions) {
    const known = facts(dimension)!;
    yield withColumn(facts, dimension, {
      ...known,
      hasNulls: false,
      without: texts.of(dimension),
    });
  }
  for (const tuple of tuples.get(bucketId) ?? []) {
    yield* boxRows(
      facts,
      dimensions.map((dimension, i) => [dimension, { at: tuple[i]! }]),
    );
  }
}

/** Values of one dimension: one of them, or all strictly between two, of which either may be missing. */
type Span =
  | { readonly at: PartitionValue }
  | { readonly above: PartitionValue | undefined; readonly below: PartitionValue | undefined };

/** A span for each of some dimensions. */
type Box = readonly (readonly [dimension: string, span: Span])[];

type Bound = readonly PartitionValue[] | null;

/** Tuples in [start, end), null where open. */
function* rangeRows(
  dimensions: readonly string[],
  facts: FactsOf,
  start: Bound,
  end: Bound,
): Generator<FactsOf> {
  for (const box of boxesOf(dimensions, start, end, [])) yield* boxRows(facts, box);
}

/** The tuples as boxes, each `fixed` to single values in the dimensions before the last that it bounds. */
function* boxesOf(
  dimensions: readonly string[],
  start: Bound,
  end: Bound,
  fixed: Box,
): Generator<Box> {
  const dimension = dimensions[fixed.length];
  if (dimension === undefined || (start === null && end === null)) {
    // A tuple that equals the start is inside, one that equals the end is not.
    if (end === null) yield fixed;
    return;
  }
  const above = start?.[fixed.length];
  const below = end?.[fixed.length];
  const at = (value: PartitionValue): Box => [...fixed, [dimension, { at: value }]];
  if (above !== undefined && above === below) {
    yield* boxesOf(dimensions, start, end, at(above));
    return;
  }
  yield [...fixed, [dimension, { above, below }]];
  if (above !== undefined) yield* boxesOf(dimensions, start, null, at(above));
  if (below !== undefined) yield* boxesOf(dimensions, null, end, at(below));
}

/** The rows inside a box; nothing when there can be none. */
function* boxRows(facts: FactsOf, box: Box): Generator<FactsOf> {
  let inside = facts;
  for (const [dimension, span] of box) {
    const known = facts(dimension);
    // Spans are of texts: they say nothing of the order of numbers.
    if (known === null || !isSingleText(known)) continue;
    const within = narrow(known, span);
    if (within === null) return;
    inside = withColumn(inside, dimension, within);
  }
  yield inside;
}

/** Null when there is no such value. */
function narrow(known: ColumnFacts, span: Span): ColumnFacts | null {
  const isNull = 'at' in span && span.at === null;
  if (isNull) return known.hasNulls ? { ...known, min: null, max: null } : null;
  const [above, below] = 'at' in span ? [span.at, span.at] : [span.above, span.below];
  // Nulls are below all texts.
  const hasNulls = known.hasNulls && !('at' in span) && above === undefined && below !== null;
  const min = later(known.min as string | null, above ?? null);
  const max = below === null ? null : earlier(known.max as string | null, below ?? null);
  if (min === null || max === null || compareText(min, max) > 0) {
    return hasNulls ? { ...known, min: null, max: null } : null;
  }
  if ('at' in span) return { ...known, min, max, hasNulls };
  // What statistics have no word for: neither end is inside.
  const ends = [above, below].filter((end) => typeof end === 'string');
  return { ...known, min, max, hasNulls, without: new Set([...(known.without ?? []), ...ends]) };
}

/** The larger of two texts; null when there is no first one. */
const later = (text: string | null, bound: string | null): string | null =>
  text === null || bound === null || compareText(text, bound) >= 0 ? text : bound;

const earlier = (text: string | null, bound: string | null): string | null =>
  text === null || bound === null || compareText(text, bound) <= 0 ? text : bound;

const isSingleText = (column: ColumnFacts | null): boolean =>
  column !== null && column.type === 'STRING' && !column.multiValue;

const withColumn =
  (facts: FactsOf, name: string, column: ColumnFacts): FactsOf =>
  (asked) =>
    asked === name ? column : facts(asked);
