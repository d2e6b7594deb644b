import type { Aggregate } from './aggregates.js';
import type { CallKeys } from './call-keys.js';
import type { KeyPart } from './keys.js';
import { ALWAYS } from './tests.js';

/** The largest table of groups that is addressed by the key itself. */
const MAX_DENSE_BYTES = 8 * 2 ** 20;

/**
 * How groups are found:
 *
 *     single  there is one, kept in locals while rows are scanned
 *     dense   the key, as one number, is the position in an array of all possible groups
 *     hash    open addressing, linear probing; the key stands in the entry
 */
export type Strategy = 'single' | 'dense' | 'hash';

/** One 64-bit word of a key: the bits of one number, several parts side by side, or a word of the call. */
export type KeyWord =
  | { readonly kind: 'number'; readonly part: number }
  | { readonly kind: 'packed'; readonly pieces: readonly KeyPiece[] }
  | { readonly kind: 'call'; readonly index: number };

/** A code, or whether a number is null, at a position in a packed word. */
export interface KeyPiece {
  readonly part: number;
  readonly shift: number;
  readonly bits: number;
}

/**
 * The bytes of a group, all little-endian and aligned to 8:
 *
 *     offset  field
 *     0       flags u32: bit 0 the group is there, others: see `flags`
 *     4       hash  u32, of hash tables only
 *     8       the count of rows i64, where there is one group
 *     …       words of the key, of hash tables only
 *     …       the field of each aggregator that has one
 */
export interface Layout {
  readonly strategy: Strategy;
  readonly stride: number;
  readonly words: readonly KeyWord[];
  readonly wordOffsets: readonly number[];
  readonly callKeys: CallKeys;
  /** By aggregator; -1 where it has no field. */
  readonly fieldOffsets: readonly number[];
  /** By aggregate: the bit that says it has seen a row; 0 where it sees all. */
  readonly flags: readonly number[];
  /** Possible groups of one call; of the dense strategy only. */
  readonly denseGroups: number;
  /** Slots of a hash table to begin with, a power of two. */
  readonly expectedSlots: number;
  /** Groups that the rows of one block can add at most. */
  readonly groupsPerBlock: number;
  /** Groups that a row can belong to at most. */
  readonly groupsPerRow: number;
  /** Whether groups have sketches (`sketch-room.ts`). */
  readonly hasSketches: boolean;
  /** They are made of pairs (`pair-room.ts`), at the end: groups are many. */
  readonly hasPairs: boolean;
}

export const COUNT_OFFSET = 8;
export const HASH_OFFSET = 4;

/** As many sketches stay in the caches. */
export const FEW_SKETCHES = 256;

const ROWS_PER_BLOCK = 64;
const WORD_BITS = 63;

/** Whether some rows that pass the query's filter do not count for the aggregator. */
export const isConditional = ({ filter, valid }: Aggregate): boolean =>
  filter !== ALWAYS || valid !== null;

export interface LayoutFacts {
  /** How many keys there are of runs, such as time buckets. */
  readonly calls: number;
  readonly callKeys: CallKeys;
  readonly rowCount: number;
  readonly isFiltered: boolean;
  /** How many keys of the dimensions the filter lets through, about. */
  readonly mostKeys: number;
  /** What a dense table may take. */
  readonly roomBytes: number;
  /** Instead of the strategy that looks best, where it can be. */
  readonly force: Strategy | null;
  /** As many groups, or fewer, have sketches that grow at once. */
  readonly fewSketches: number;
}

export function layoutOf(
  keys: readonly KeyPart[],
  aggregates: readonly Aggregate[],
  facts: LayoutFacts,
): Layout {
  const isForced = facts.force === 'hash' || (facts.force === 'dense' && productOf(keys) !== null);
  const strategy = isForced ? facts.force! : strategyOf(keys, aggregates, facts);
  const words = strategy === 'hash' ? wordsOf(keys, facts.callKeys) : [];
  let offset = strategy === 'single' ? 16 : 8;
  const next = (): number => {
    offset += 8;
    return offset - 8;
  };
  const wordOffsets = words.map(next);
  const fieldOffsets = aggregates.map(({ field }) => (field === null ? -1 : next()));
  let flag = 1;
  const flags = aggregates.map((each) => {
    if (!isConditional(each)) return 0;
    flag <<= 1;
    return flag;
  });
  const hasSketches = aggregates.some(({ sketch }) => sketch !== null);
  const groupsPerRow = keys.reduce((all, key) => all * longestOf(key), 1);
  return {
    strategy,
    stride: offset,
    words,
    wordOffsets,
    callKeys: facts.callKeys,
    fieldOffsets,
    flags,
    denseGroups: strategy === 'dense' ? productOf(keys)! : 0,
    expectedSlots: expectedSlots(keys, facts),
    groupsPerBlock: ROWS_PER_BLOCK * groupsPerRow,
    groupsPerRow,
    hasSketches,
    hasPairs:
      hasSketches &&
      strategy !== 'single' &&
      Math.min(productOf(keys) ?? Number.POSITIVE_INFINITY, facts.mostKeys) > facts.fewSketches,
  };
}

/** Room for the groups that a quarter of the rows would make: a table that is too small is copied, and again. */
function expectedSlots(keys: readonly KeyPart[], facts: LayoutFacts): number {
  // Nobody knows how many rows a filter leaves.
  if (facts.isFiltered) return 0;
  const groups = Math.min(mostGroups(keys, facts), facts.rowCount / 4);
  return 2 ** Math.max(0, Math.ceil(Math.log2(2 * groups + 1)));
}

const mostGroups = (keys: readonly KeyPart[], { calls }: LayoutFacts): number =>
  (productOf(keys) ?? Number.POSITIVE_INFINITY) * calls;

const longestOf = (key: KeyPart): number => (key.kind === 'lists' ? key.longest : 1);

/** How many keys there may be; null where numbers have no bound. */
function productOf(keys: readonly KeyPart[]): number | null {
  let product = 1;
  for (const key of keys) {
    if (key.kind === 'number') return null;
    if (key.kind === 'codes' || key.kind === 'lists') product *= key.size;
  }
  return product;
}

/** A dense table is cleared and read as a whole: it has to be worth that for the rows there are. */
function strategyOf(
  keys: readonly KeyPart[],
  aggregates: readonly Aggregate[],
  { calls, rowCount, roomBytes }: LayoutFacts,
): Strategy {
  const isSingle = keys.every(({ kind }) => kind === 'constant' || kind === 'call');
  if (isSingle && calls === 1) return 'single';
  const product = productOf(keys);
  if (product === null) return 'hash';
  const groups = product * calls;
  const bytes = 8 * (1 + aggregates.length);
  const isWorth = groups <= Math.max(1024, 2 * rowCount);
  const isSmall = groups * bytes <= Math.min(MAX_DENSE_BYTES, roomBytes);
  return isWorth && isSmall ? 'dense' : 'hash';
}

function wordsOf(keys: readonly KeyPart[], { wordCount }: CallKeys): KeyWord[] {
  const words: KeyWord[] = [];
  let pieces: KeyPiece[] = [];
  let used = 0;
  const place = (part: number, bits: number): void => {
    if (pieces.length === 0 || used + bits > WORD_BITS) {
      pieces = [];
      used = 0;
      words.push({ kind: 'packed', pieces });
    }
    pieces.push({ part, shift: used, bits });
    used += bits;
  };
  for (const [part, key] of keys.entries()) {
    if (key.kind === 'number') {
      words.push({ kind: 'number', part });
      if (key.num.valid !== null) place(part, 1);
    } else if (key.kind === 'codes' || key.kind === 'lists') place(part, bitsFor(key.size));
  }
  for (let index = 0; index < wordCount; index++) words.push({ kind: 'call', index });
  return words;
}

/** Bits that hold 0 … size-1. */
const bitsFor = (size: number): number => Math.max(1, 32 - Math.clz32(Math.max(1, size - 1)));
