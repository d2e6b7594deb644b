import { compareValues } from '../../ordering.js';
import { type ArrayType, elementType, type Scalar } from '../../types.js';

/** The shortest table of a set. */
const LEAST_PLACES = 16;
/** What a table may have of its length before it doubles. */
const MOST_FULL = 0.75;

/**
 * Elements, each once, as Druid's answers show sets: in the order of a java.util.HashSet that has grown to them, by their places
 * in a table of hashes. Those of one place are in their own order, so that it doesn't matter in which one they came.
 */
export function inSetOrder(elements: Iterable<Scalar>, type: ArrayType): readonly Scalar[] {
  const unique = [...new Set(elements)];
  let places = LEAST_PLACES;
  while (unique.length > MOST_FULL * places) places *= 2;
  const compare = compareValues(elementType(type));
  const placed = unique.map((element) => ({
    element,
    place: spread(hashOf(element, type)) & (places - 1),
  }));
  placed.sort((a, b) => a.place - b.place || compare(a.element, b.element));
  return placed.map(({ element }) => element);
}

/** `HashMap.hash`: the high half of a hash counts in short tables, too. */
const spread = (hash: number): number => hash ^ (hash >>> 16);

/** `Object.hashCode` of a String, a Long or a Double. */
function hashOf(element: Scalar, type: ArrayType): number {
  if (element === null) return 0;
  if (typeof element === 'string') return hashOfText(element);
  if (type === 'ARRAY<DOUBLE>') BITS.setFloat64(0, Number(element));
  else BITS.setBigInt64(0, BigInt(element));
  return BITS.getInt32(0) ^ BITS.getInt32(4);
}

function hashOfText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

const BITS = new DataView(new ArrayBuffer(8));
