/**
 * sketches: answers "about how many?", "how often?" and "where is the 99th percentile?" in a few kilobytes, however many
 * values went in.
 *
 * A sketch is a mergeable summary: those of parts, merged in any order and grouping, have the error of the sketch of the
 * whole; where a sketch does not say otherwise, they are the same bytes. Every one documents its error bound, its paper and its bytes, and
 * refuses damaged bytes with CorruptSketchError. Start at `hyper-log-log.ts`.
 */
export { CountMin, type CountMinShape } from './frequency/count-min.js';
export type { FrequentState, FrequentValue } from './frequency/frequent-values.js';
export { SpaceSaving } from './frequency/space-saving.js';
export { DEFAULT_LG_K, HyperLogLog, sparseLimit } from './hyper-log-log.js';
export { KllDoubles } from './kll/kll-doubles.js';
export type { WeightedItems } from './kll/weighted-items.js';
export {
  entryOfDouble,
  entryOfHash,
  entryOfLong,
  entryOfText,
  NAN_BITS,
  RANK_BITS,
} from './sketch-entry.js';
