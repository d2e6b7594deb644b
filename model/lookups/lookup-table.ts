import { invariant, murmur3Word, sha256Hex, utf8Decode, utf8Encode } from '../../core/index.js';

/**
 * A lookup's pairs in shared memory: every thread reads them where they lie. Words are 32 bits, of this machine; n pairs, s slots, a power
 * of two above 2n.
 *
 *     offset            size   field
 *     0                 4      pairCount   n
 *     4                 4      slotCount   s
 *     8                 8n     ends        of each pair: where its key ends in `texts`, and where its value does
 *     8 + 8n            4s     slots       hash table of keys: number of a pair + 1; 0 where there is none
 *     8 + 8n + 4s       …      texts       UTF-8: key, value, key, value, …
 */
export class LookupTable {
  readonly size: number;
  readonly #index: Index;
  #contentId: string | null;

  /** `contentId` where it is known already. */
  constructor(
    readonly buffer: SharedArrayBuffer,
    contentId: string | null = null,
  ) {
    const [pairCount, slotCount] = new Uint32Array(buffer, 0, 2) as unknown as [number, number];
    this.size = pairCount;
    this.#contentId = contentId;
    this.#index = indexIn(buffer, pairCount, slotCount);
  }

  /** Equal for tables that were made of the same pairs in the same order, and for no others. */
  get contentId(): string {
    this.#contentId ??= sha256Hex(new Uint8Array(this.buffer)).slice(0, CONTENT_ID_CHARACTERS);
    return this.#contentId;
  }

  get sizeBytes(): number {
    return this.buffer.byteLength;
  }

  get(key: string): string | undefined {
    const bytes = utf8Encode(key);
    const pair = this.pairOf(bytes, 0, bytes.length);
    return pair < 0 ? undefined : this.value(pair);
  }

  /** The number of the pair whose key is at [from, to) in `bytes`; -1 where there is none. */
  pairOf(bytes: Uint8Array, from: number, to: number): number {
    return this.#index.slots[slotOf(this.#index, bytes, from, to)]! - 1;
  }

  /** Tells where the key of each pair is, in their order. */
  eachKey(visit: (bytes: Uint8Array, from: number, to: number) => void): void {
    const { ends, texts } = this.#index;
    for (let pair = 0; pair < this.size; pair++) {
      visit(texts, startOf(ends, 2 * pair), ends[2 * pair]!);
    }
  }

  /** By pair, which of the distinct values it has; and of each of these the first pair that has it. */
  distinctValues(): { readonly ordinals: Uint32Array; readonly firsts: Uint32Array } {
    const { ends, texts } = this.#index;
    // The values as if they were keys: each stands behind its key, one place on.
    const slots = new Uint32Array(slotCountOf(this.size));
    const index: Index = { slots, ends, texts, side: 1 };
    const ordinals = new Uint32Array(this.size);
    const firsts = new Uint32Array(this.size);
    let count = 0;
    for (let pair = 0; pair < this.size; pair++) {
      const slot = slotOf(index, texts, ends[2 * pair]!, ends[2 * pair + 1]!);
      const first = slots[slot]! - 1;
      if (first >= 0) {
        ordinals[pair] = ordinals[first]!;
        continue;
      }
      slots[slot] = pair + 1;
      firsts[count] = pair;
      ordinals[pair] = count++;
    }
    return { ordinals, firsts: firsts.slice(0, count) };
  }

  /** Of a pair by its number. */
  key(pair: number): string {
    return this.#text(2 * pair);
  }

  value(pair: number): string {
    return this.#text(2 * pair + 1);
  }

  /** In the order in which keys came first. */
  *entries(): Generator<readonly [key: string, value: string]> {
    for (let pair = 0; pair < this.size; pair++) {
      yield [this.key(pair), this.value(pair)];
    }
  }

  /** Keys are at even places, values behind them. */
  #text(place: number): string {
    const { ends, texts } = this.#index;
    return utf8Decode(texts.subarray(startOf(ends, place), ends[place]!));
  }
}

/** 128 bits. */
export const CONTENT_ID_CHARACTERS = 32;

const HEAD_BYTES = 8;
const slotsAt = (pairCount: number): number => HEAD_BYTES + 8 * pairCount;

const indexIn = (buffer: SharedArrayBuffer, pairCount: number, slotCount: number): Index => ({
  ends: new Uint32Array(buffer, HEAD_BYTES, 2 * pairCount),
  slots: new Uint32Array(buffer, slotsAt(pairCount), slotCount),
  texts: new Uint8Array(buffer, slotsAt(pairCount) + 4 * slotCount),
  side: 0,
});

/** Pairs, and a hash table of their keys. */
interface Index {
  /** 1 for a hash table of their values. */
  readonly side: 0 | 1;
  readonly slots: Uint32Array;
  readonly ends: Uint32Array;
  readonly texts: Uint8Array;
}

/** The slot of a text, which is at [from, to) in `bytes`, or the free one where it would be. */
function slotOf(index: Index, bytes: Uint8Array, from: number, to: number): number {
  const { slots } = index;
  const mask = slots.length - 1;
  let slot = murmur3Word(bytes, from, to) & mask;
  while (slots[slot] !== 0 && !isText(index, slots[slot]! - 1, bytes, from, to)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

function isText(
  { ends, texts, side }: Index,
  pair: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  const start = startOf(ends, 2 * pair + side);
  const length = to - from;
  if (ends[2 * pair + side]! - start !== length) return false;
  for (let i = 0; i < length; i++) if (texts[start + i] !== bytes[from + i]) return false;
  return true;
}

const startOf = (ends: Uint32Array, place: number): number => (place === 0 ? 0 : ends[place - 1]!);

/** Takes pairs one by one; the last value of a key counts. */
export class LookupBuilder {
  #texts = new Uint8Array(1024);
  #ends = new Uint32Array(64);
  #byteCount = 0;
  #pairCount = 0;

  /** What was added so far takes so much. */
  get sizeBytes(): number {
    return this.#byteCount + 16 * this.#pairCount;
  }

  add(key: string, value: string): void {
    this.#ends = grown(this.#ends, 2 * this.#pairCount + 2);
    this.#append(2 * this.#pairCount, key);
    this.#append(2 * this.#pairCount + 1, value);
    this.#pairCount++;
  }

  /** The table; call it once. */
  build(): LookupTable {
    const { firsts, lasts, slots } = this.#distinct();
    if (firsts.length === this.#pairCount) return this.#whole(slots);
    const [ends, texts] = [this.#ends, this.#texts];
    const lengthOf = (place: number) => ends[place]! - startOf(ends, place);
    let byteCount = 0;
    for (let i = 0; i < firsts.length; i++) {
      byteCount += lengthOf(2 * firsts[i]!) + lengthOf(2 * lasts[i]! + 1);
    }
    const { buffer, index } = newTable(firsts.length, byteCount);
    let at = 0;
    const copy = (place: number, target: number): void => {
      for (let from = startOf(ends, place); from < ends[place]!; from++) {
        index.texts[at++] = texts[from]!;
      }
      index.ends[target] = at;
    };
    for (let i = 0; i < firsts.length; i++) {
      const from = at;
      copy(2 * firsts[i]!, 2 * i);
      index.slots[slotOf(index, index.texts, from, at)] = i + 1;
      copy(2 * lasts[i]! + 1, 2 * i + 1);
    }
    return new LookupTable(buffer);
  }

  /** Where each key came once: all lies as it came. */
  #whole(slots: Uint32Array): LookupTable {
    const { buffer, index } = newTable(this.#pairCount, this.#byteCount);
    index.ends.set(this.#ends.subarray(0, 2 * this.#pairCount));
    index.slots.set(slots);
    index.texts.set(this.#texts.subarray(0, this.#byteCount));
    return new LookupTable(buffer);
  }

  /** The pairs that have a key first, and for each the one that has it last. */
  #distinct(): {
    readonly firsts: readonly number[];
    readonly lasts: readonly number[];
    readonly slots: Uint32Array;
  } {
    const slots = new Uint32Array(slotCountOf(this.#pairCount));
    const index: Index = { slots, ends: this.#ends, texts: this.#texts, side: 0 };
    const firsts: number[] = [];
    const lasts: number[] = [];
    const places = new Uint32Array(this.#pairCount);
    for (let pair = 0; pair < this.#pairCount; pair++) {
      const slot = slotOf(index, index.texts, startOf(index.ends, 2 * pair), index.ends[2 * pair]!);
      if (slots[slot] === 0) {
        slots[slot] = pair + 1;
        places[pair] = firsts.length;
        lasts.push(pair);
        firsts.push(pair);
      } else lasts[places[slots[slot]! - 1]!] = pair;
    }
    return { firsts, lasts, slots };
  }

  #append(place: number, text: string): void {
    this.#texts = grown(this.#texts, this.#byteCount + text.length);
    const end = putAscii(text, this.#texts, this.#byteCount);
    if (end < 0) this.#appendBytes(utf8Encode(text));
    else this.#byteCount = end;
    this.#ends[place] = this.#byteCount;
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#texts = grown(this.#texts, this.#byteCount + bytes.length);
    this.#texts.set(bytes, this.#byteCount);
    this.#byteCount += bytes.length;
  }
}

/** Writes a text of ASCII; tells where it ends, -1 where there are other characters. */
function putAscii(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return -1;
    bytes[at + i] = unit;
  }
  return at + text.length;
}

/** Room for a table of so many pairs with texts of so many bytes. */
function newTable(
  pairCount: number,
  byteCount: number,
): { readonly buffer: SharedArrayBuffer; readonly index: Index } {
  const slotCount = slotCountOf(pairCount);
  const buffer = new SharedArrayBuffer(slotsAt(pairCount) + 4 * slotCount + byteCount);
  new Uint32Array(buffer, 0, 2).set([pairCount, slotCount]);
  return { buffer, index: indexIn(buffer, pairCount, slotCount) };
}

/** At least half of the slots are free, so that every search ends soon. */
function slotCountOf(pairCount: number): number {
  let slotCount = 2;
  while (slotCount <= 2 * pairCount) slotCount *= 2;
  invariant(slotCount <= 2 ** 31, 'a lookup has fewer than 2^30 pairs');
  return slotCount;
}

/** The array, or a larger copy of it that holds `length` at least. */
function grown<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  if (array.length >= length) return array;
  const larger = new (array.constructor as new (length: number) => T)(
    Math.max(2 * array.length, length),
  );
  larger.set(array);
  return larger;
}

/** A table of pairs that lie in memory already. */
export function lookupTable(pairs: Iterable<readonly [string, string]>): LookupTable {
  const builder = new LookupBuilder();
  for (const [key, value] of pairs) builder.add(key, value);
  return builder.build();
}
