import { utf8Decode, utf8Encode } from '../../core/index.js';
import type { TextRun, VectorDictionary } from '../../model/index.js';
import { ByteStrings } from './byte-strings.js';
import type { Part } from './part.js';

const FIRST_TEXTS = 1 << 9;
const FIRST_BYTES = 1 << 12;

/** No text has id 0, which is null. */
const EMPTY = 0;

/**
 * The texts of a column by id, in order of arrival, found by their UTF-8 without making strings of them: an
 * open-addressing hash table with linear probing, at most half full. Id 0 is null and has no bytes. As long as all texts
 * are those of one dictionary, which knows them apart, nothing is looked for and the table is not made.
 *
 * Texts that have an id wait in a buffer until there is room for them in the segment (see `MutableColumn`).
 */
export class TextIds {
  readonly #stored = new ByteStrings('dictionary.bytes', 'dictionary.offsets');
  /** Pairs of hash and id, so that to look at one costs one cache miss; twice as many as there may be texts. */
  #slots = new Int32Array(0);
  /** By id: where its text ends, counted through all texts. */
  #ends = new Uint32Array(FIRST_TEXTS);
  #count = 1;
  /** Ids below it are in the slots. */
  #indexed = 1;
  /** What all texts are from; null when they are from several places, or none. */
  #source: VectorDictionary | null = null;
  #waiting = new Uint8Array(FIRST_BYTES);
  #minId = 0;
  #maxId = 0;

  /** How many there are, null and those that wait included: ids are below. */
  get count(): number {
    return this.#count;
  }

  /** How many readers see: those that wait are not there yet. */
  get storedCount(): number {
    return this.#stored.count;
  }

  /** Bytes beside those of the segment. */
  get heapBytes(): number {
    return this.#slots.byteLength + this.#ends.byteLength + this.#waiting.length;
  }

  get parts(): readonly Part[] {
    return [this.#stored.bytes, this.#stored.offsets];
  }

  /** The smallest and the largest stored text in the order of their bytes; null when there is none. */
  get min(): string | null {
    return this.#minId === 0 ? null : this.#textOf(this.#minId);
  }

  get max(): string | null {
    return this.#maxId === 0 ? null : this.#textOf(this.#maxId);
  }

  /** The id of a text, a new one if need be. A lone surrogate is U+FFFD. */
  idOf(text: string): number {
    const bytes = utf8Encode(text);
    return this.idOfBytes(bytes, 0, bytes.length);
  }

  /** The id of the text that is bytes [start, end), well-formed UTF-8. */
  idOfBytes(bytes: Uint8Array, start: number, end: number): number {
    this.#makeRoom(1);
    return this.#idOf(hashOf(bytes, start, end), bytes, start, end);
  }

  /**
   * `found[i]` is the id of the text that has id `ids[i]` in the run. The slots of all are looked at in a loop of
   * nothing else: these loads miss the caches, and as none waits for another one they do so together.
   */
  idsOfRun({ firstId, bytes, starts }: TextRun, ids: Uint32Array, found: Uint32Array): void {
    this.#makeRoom(ids.length);
    const base = starts[0]!;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hashes = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const at = ids[i]! - firstId;
      hashes[i] = hashOf(bytes, starts[at]! - base, starts[at + 1]! - base);
    }
    for (let i = 0; i < ids.length; i++) found[i] = slots[((hashes[i]! << 1) & mask) + 1]!;
    for (let i = 0; i < ids.length; i++) {
      const at = ids[i]! - firstId;
      const start = starts[at]! - base;
      const end = starts[at + 1]! - base;
      const hash = hashes[i]!;
      const first = found[i]!;
      const isFirst =
        first !== EMPTY &&
        slots[(hash << 1) & mask] === hash &&
        this.#equals(first, bytes, start, end);
      if (!isFirst) found[i] = this.#idOf(hash, bytes, start, end);
    }
  }

  /** As `idsOfRun`, for texts of a distinct dictionary whose ids were not asked for before. */
  idsOfNew(source: VectorDictionary, run: TextRun, ids: Uint32Array, found: Uint32Array): void {
    if (this.#count === 1) this.#source = source;
    if (this.#source !== source) {
      this.idsOfRun(run, ids, found);
      return;
    }
    this.#makeEnds(ids.length);
    for (let i = 0; i < ids.length; ) {
      let end = i + 1;
      while (end < ids.length && ids[end] === ids[end - 1]! + 1) end++;
      const firstId = this.#addAll(run, ids[i]! - run.firstId, end - i);
      for (let id = firstId; i < end; i++) found[i] = id++;
    }
  }

  /** Asks for room for the texts that wait. */
  reserve(): void {
    this.#stored.reserve(this.#count - this.#stored.count, this.#waitingBytes);
  }

  /** Stores the texts that wait, for which there is room. */
  store(): void {
    const first = this.#stored.count;
    if (first === this.#count) return;
    const lengths = new Uint32Array(this.#count - first);
    for (let i = 0; i < lengths.length; i++) lengths[i] = this.#lengthOf(first + i);
    this.#stored.store(this.#waiting.subarray(0, this.#waitingBytes), lengths);
    for (let id = Math.max(1, first); id < this.#count; id++) this.#widenRange(id);
  }

  /** The id of a text of this hash, for which there is room. */
  #idOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (;;) {
      const id = slots[slot + 1]!;
      if (id === EMPTY) {
        slots[slot] = hash;
        slots[slot + 1] = this.#count;
        this.#indexed++;
        return this.#add(bytes, start, end);
      }
      if (slots[slot] === hash && this.#equals(id, bytes, start, end)) return id;
      slot = (slot + 2) & mask;
    }
  }

  get #waitingBytes(): number {
    return this.#ends[this.#count - 1]! - this.#stored.bytes.count;
  }

  #startOf(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }

  #lengthOf(id: number): number {
    return this.#ends[id]! - this.#startOf(id);
  }

  #add(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const used = this.#waitingFor(length);
    const waiting = this.#waiting;
    for (let i = 0; i < length; i++) waiting[used + i] = bytes[start + i]!;
    return this.#end(length);
  }

  /** Adds so many texts of the run from its text `first` on, and gives the id of the first. */
  #addAll({ bytes, starts }: TextRun, first: number, count: number): number {
    const from = starts[first]! - starts[0]!;
    const to = starts[first + count]! - starts[0]!;
    const used = this.#waitingFor(to - from);
    this.#waiting.set(bytes.subarray(from, to), used);
    const firstId = this.#count;
    for (let i = first; i < first + count; i++) this.#end(starts[i + 1]! - starts[i]!);
    return firstId;
  }

  /** Makes room for so many more bytes that wait, and gives how many there are. */
  #waitingFor(length: number): number {
    const used = this.#waitingBytes;
    if (used + length > this.#waiting.length) {
      const wider = new Uint8Array(2 * (used + length));
      wider.set(this.#waiting.subarray(0, used));
      this.#waiting = wider;
    }
    return used;
  }

  /** Gives the next id to so many of the bytes that wait. */
  #end(length: number): number {
    const id = this.#count++;
    this.#ends[id] = this.#ends[id - 1]! + length;
    return id;
  }

  #widenRange(id: number): void {
    if (this.#minId === 0 || this.#compare(id, this.#minId) < 0) this.#minId = id;
    if (this.#maxId === 0 || this.#compare(id, this.#maxId) > 0) this.#maxId = id;
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengthOf(id) !== length) return false;
    const own = this.#bytesWith(id);
    const at = this.#placeOf(id);
    for (let i = 0; i < length; i++) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #compare(a: number, b: number): number {
    const left = this.#bytesWith(a);
    const right = this.#bytesWith(b);
    const [x, y] = [this.#placeOf(a), this.#placeOf(b)];
    const common = Math.min(this.#lengthOf(a), this.#lengthOf(b));
    for (let i = 0; i < common; i++) {
      const order = left[x + i]! - right[y + i]!;
      if (order !== 0) return order;
    }
    return this.#lengthOf(a) - this.#lengthOf(b);
  }

  #textOf(id: number): string {
    const at = this.#placeOf(id);
    return utf8Decode(this.#bytesWith(id).subarray(at, at + this.#lengthOf(id)));
  }

  /** The bytes that the text is in, from `#placeOf` on. */
  #bytesWith(id: number): Uint8Array {
    return id < this.#stored.count ? this.#stored.bytes.bytes : this.#waiting;
  }

  #placeOf(id: number): number {
    const start = this.#startOf(id);
    return id < this.#stored.count ? start : start - this.#stored.bytes.count;
  }

  /** For so many more texts, which may be looked for. */
  #makeRoom(count: number): void {
    this.#makeEnds(count);
    this.#source = null;
    if (4 * this.#ends.length > this.#slots.length) this.#widenSlots();
    for (; this.#indexed < this.#count; this.#indexed++) {
      const at = this.#placeOf(this.#indexed);
      const bytes = this.#bytesWith(this.#indexed);
      const hash = hashOf(bytes, at, at + this.#lengthOf(this.#indexed));
      insert(this.#slots, hash, this.#indexed);
    }
  }

  #makeEnds(count: number): void {
    const wanted = this.#count + count;
    if (wanted <= this.#ends.length) return;
    const ends = new Uint32Array(Math.max(wanted, 2 * this.#ends.length));
    ends.set(this.#ends);
    this.#ends = ends;
  }

  /** Slots for as many texts as there are ends. */
  #widenSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(4 * 2 ** Math.ceil(Math.log2(this.#ends.length)));
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== EMPTY) insert(slots, old[at]!, old[at + 1]!);
    }
    this.#slots = slots;
  }
}

function insert(slots: Int32Array, hash: number, id: number): void {
  const mask = slots.length - 1;
  let slot = (hash << 1) & mask;
  while (slots[slot + 1] !== EMPTY) slot = (slot + 2) & mask;
  slots[slot] = hash;
  slots[slot + 1] = id;
}

/** Four bytes a step, mixed as MurmurHash3_x86_32 does its blocks, with its finaliser. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = (end - start) | 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = mix(hash, word);
  }
  let word = 0;
  for (; i < end; i++) word = (word << 8) | bytes[i]!;
  hash = mix(hash, word);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  mixed ^= hash;
  mixed = (mixed << 13) | (mixed >>> 19);
  return (Math.imul(mixed, 5) + 0xe6546b64) | 0;
}
