/**
 * sketches: answers "about how many?" in a few kilobytes, however many values went in.
 *
 * A sketch is a mergeable summary: those of parts, merged in any order and grouping, are byte for
 * byte the sketch of the whole. Every one documents its error bound, its paper and its bytes, and
 * refuses damaged bytes with CorruptSketchError. Start at `hyper-log-log.ts`.
 */
export { DEFAULT_LG_K, HyperLogLog, sparseLimit } from './hyper-log-log.js';
export {
  entryOfDouble,
  entryOfLong,
  entryOfText,
  NAN_BITS,
  RANK_BITS,
} from './sketch-entry.js';
