import { callWords } from './call-keys.js';
import { type GroupBlock, PARTITIONS, partitionOf } from './group-blocks.js';
import type { KeyPart } from './keys.js';
import { HASH_OFFSET, type KeyWord, type Layout } from './layout.js';
import type { Lowered } from './lowered.js';
import type { CallKey } from './row-runs.js';

/** Any odd number with bits all over: the high bits of a product with it are a hash. */
const MIX = 0x9e3779b1;

/** Groups of an array, on their way into a block. */
export interface FoundGroups {
  /** All that there may be: `layout.denseGroups` of each call, side by side. */
  readonly states: Int32Array;
  readonly calls: readonly CallKey[];
  /** Which of them are there. */
  readonly numbers: Uint32Array;
}

/**
 * Groups of an array as a block of entries whose keys are spelled out, as they would stand in a hash table of
 * `entryLayout`; but hashed by their numbers, so that such blocks can be merged with their like only.
 */
export function denseBlock(
  { keys }: Lowered,
  layout: Layout,
  entryLayout: Layout,
  { states, calls, numbers }: FoundGroups,
): GroupBlock {
  const [from, to] = [layout.stride / 4, entryLayout.stride / 4];
  const writers = entryLayout.words.map((word, i) =>
    wordWriter(word, entryLayout.wordOffsets[i]! / 4, keys, entryLayout, calls),
  );
  const fields = layout.fieldOffsets.flatMap((offset, i) =>
    offset < 0 ? [] : [{ from: offset / 4, to: entryLayout.fieldOffsets[i]! / 4 }],
  );
  const ends = firstPlaces(numbers);
  const words = new Int32Array(new SharedArrayBuffer(4 * to * numbers.length));
  for (const number of numbers) {
    const hash = Math.imul(number, MIX);
    const [read, write] = [number * from, ends[partitionOf(hash)]!++ * to];
    const call = Math.floor(number / layout.denseGroups);
    words[write] = states[read]!;
    words[write + HASH_OFFSET / 4] = hash;
    for (const writer of writers) writer(words, write, number % layout.denseGroups, call);
    for (const field of fields) {
      words[write + field.to] = states[read + field.from]!;
      words[write + field.to + 1] = states[read + field.from + 1]!;
    }
  }
  return { words, ends };
}

/** Where the entries of each partition begin. */
function firstPlaces(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(PARTITIONS);
  for (const number of numbers) places[partitionOf(Math.imul(number, MIX))]!++;
  let sum = 0;
  for (let p = 0; p < PARTITIONS; p++) {
    sum += places[p]!;
    places[p] = sum - places[p]!;
  }
  return places;
}

/** Writes a word of an entry, of the group at a position among those of its call. */
type WordWriter = (entries: Int32Array, entry: number, position: number, call: number) => void;

function wordWriter(
  word: KeyWord,
  offset: number,
  keys: readonly KeyPart[],
  { callKeys }: Layout,
  calls: readonly CallKey[],
): WordWriter {
  if (word.kind !== 'packed') {
    const { index } = word as Extract<KeyWord, { kind: 'call' }>;
    const words = BigInt64Array.from(calls, (key, call) => callWords(callKeys, key, call)[index]!);
    const halves = new Int32Array(words.buffer);
    return (entries, entry, _position, call) => {
      entries[entry + offset] = halves[2 * call]!;
      entries[entry + offset + 1] = halves[2 * call + 1]!;
    };
  }
  const pieces = word.pieces.map(({ part, shift }) => ({ ...placeOf(keys, part), shift }));
  return (entries, entry, position) => {
    for (const { stride, size, shift } of pieces) {
      const code = Math.floor(position / stride) % size;
      if (shift < 32) entries[entry + offset]! |= code << shift;
      if (shift >= 32) entries[entry + offset + 1]! |= code << (shift - 32);
      else if (shift > 0) entries[entry + offset + 1]! |= code >>> (32 - shift);
    }
  };
}

/** A position is the codes of the parts as digits, the last one lowest. */
function placeOf(keys: readonly KeyPart[], part: number): { stride: number; size: number } {
  const sizes = keys.map((key) => (key.kind === 'codes' || key.kind === 'lists' ? key.size : 1));
  const stride = sizes.slice(part + 1).reduce((product, size) => product * size, 1);
  return { stride, size: sizes[part]! };
}
