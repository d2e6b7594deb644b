/**
 * LZMA as LZMA2 frames it: a range coder whose bits choose literals, matches and repeated distances. After the
 * specification of the LZMA SDK (Igor Pavlov, public domain).
 */
const STATES = 12;
const POSITION_STATES = 16;
/** States below have a literal before them. */
const LITERAL_STATES = 7;
const HALF = 1024;
/** What an LZMA2 chunk may hold unpacked. */
const CHUNK_BYTES = 2 ** 21;

/** Where each table of probabilities begins. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POSITION_STATES;
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_REP0_LONG = IS_REP2 + STATES;
const SLOTS = IS_REP0_LONG + STATES * POSITION_STATES;
const SPECIAL = SLOTS + 4 * 64;
const ALIGN = SPECIAL + 128;
const MATCH_LENGTH = ALIGN + 16;
const LENGTH_SIZE = 2 + POSITION_STATES * 16 + 256;
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
const LITERALS = REP_LENGTH + LENGTH_SIZE;
/** Of the literal coder's context bits LZMA2 allows four together. */
const MAX_LITERAL_BITS = 4;

export class Lzma {
  /** The bytes that matches may reach back to, in a ring that is larger than a chunk. */
  readonly #ring: Uint8Array;
  #at = 0;
  /** Bytes since the dictionary was reset, as far as matches may reach. */
  #reach = 0;
  #total = 0;
  readonly #probabilities = new Uint16Array(LITERALS + 0x300 * 2 ** MAX_LITERAL_BITS);
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #contextBits = 0;
  #literalMask = 0;
  #positionMask = 0;

  #input: Uint8Array = new Uint8Array(0);
  #next = 0;
  #range = 0;
  #code = 0;

  constructor(private readonly dictionaryBytes: number) {
    this.#ring = new Uint8Array(Math.max(dictionaryBytes, CHUNK_BYTES) + 1);
  }

  resetDictionary(): void {
    this.#reach = 0;
    this.#total = 0;
  }

  resetState(): void {
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
    this.#probabilities.fill(HALF);
  }

  /** Sets the numbers of context bits: `(positionBits * 5 + literalPositionBits) * 9 + contextBits`. */
  setProperties(byte: number): void {
    const contextBits = byte % 9;
    const literalPositionBits = Math.trunc(byte / 9) % 5;
    if (byte >= 225 || contextBits + literalPositionBits > MAX_LITERAL_BITS) {
      throw new RangeError('the properties of the coder are impossible');
    }
    this.#contextBits = contextBits;
    this.#literalMask = 2 ** literalPositionBits - 1;
    this.#positionMask = 2 ** Math.trunc(byte / 45) - 1;
  }

  /** Bytes that are not coded. */
  copy(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i++) this.#put(bytes[i]!);
    return bytes;
  }

  /** Decodes a chunk that becomes `size` bytes. Throws RangeError when it does not. */
  decode(input: Uint8Array, size: number): Uint8Array {
    const start = this.#at;
    this.#begin(input);
    for (let left = size; left > 0; ) left -= this.#step(left);
    this.#normalise();
    if (this.#next !== input.length || this.#code !== 0)
      throw new RangeError('a chunk does not end');
    const end = start + size;
    if (end <= this.#ring.length) return this.#ring.slice(start, end);
    const bytes = new Uint8Array(size);
    bytes.set(this.#ring.subarray(start));
    bytes.set(this.#ring.subarray(0, end - this.#ring.length), this.#ring.length - start);
    return bytes;
  }

  #begin(input: Uint8Array): void {
    if (input.length < 5 || input[0] !== 0) throw new RangeError('a chunk does not begin');
    this.#input = input;
    this.#next = 5;
    this.#range = 0xffffffff;
    this.#code = new DataView(input.buffer, input.byteOffset).getUint32(1);
  }

  #normalise(): void {
    if (this.#range >= 0x1000000) return;
    if (this.#next >= this.#input.length) throw new RangeError('a chunk ends too early');
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#input[this.#next++]!) >>> 0;
  }

  #bit(index: number): number {
    this.#normalise();
    const probability = this.#probabilities[index]!;
    const bound = (this.#range >>> 11) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    this.#probabilities[index] = probability - (probability >> 5);
    return 1;
  }

  /** `count` bits of even chance. */
  #direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.#normalise();
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
    }
    return value;
  }

  #tree(base: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = node * 2 + this.#bit(base + node);
    return node - 2 ** bits;
  }

  #reverseTree(base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + node);
      node = node * 2 + bit;
      value += bit * 2 ** i;
    }
    return value;
  }

  /** Decodes a literal or a match of at most `left` bytes; returns how many bytes came. */
  #step(left: number): number {
    const position = this.#total & this.#positionMask;
    const state = this.#state;
    if (this.#bit(IS_MATCH + state * POSITION_STATES + position) === 0) {
      this.#literal();
      return 1;
    }
    const length = this.#bit(IS_REP + state) === 0 ? this.#match(position) : this.#repeat(position);
    const [distance] = this.#reps;
    if (distance >= this.#reach) throw new RangeError('a match reaches too far back');
    if (length > left) throw new RangeError('a match is longer than its chunk');
    for (let i = 0; i < length; i++) this.#put(this.#back(distance));
    return length;
  }

  #literal(): void {
    const { length } = this.#ring;
    const previous = this.#reach === 0 ? 0 : this.#ring[(this.#at === 0 ? length : this.#at) - 1]!;
    const context =
      ((this.#total & this.#literalMask) << this.#contextBits) +
      (previous >> (8 - this.#contextBits));
    const base = LITERALS + 0x300 * context;
    let symbol = 1;
    if (this.#state >= LITERAL_STATES) {
      if (this.#reps[0] >= this.#reach) throw new RangeError('a match reaches too far back');
      let matched = this.#back(this.#reps[0]);
      do {
        const matchBit = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = symbol * 2 + this.#bit(base + symbol);
    this.#put(symbol & 0xff);
    const state = this.#state;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  /** The length of a match whose distance is told. */
  #match(position: number): number {
    const [rep0, rep1, rep2] = this.#reps;
    const length = this.#length(MATCH_LENGTH, position);
    this.#state = this.#state < LITERAL_STATES ? 7 : 10;
    const slot = this.#tree(SLOTS + Math.min(length - 2, 3) * 64, 6);
    this.#reps = [this.#distance(slot), rep0, rep1, rep2];
    return length;
  }

  #distance(slot: number): number {
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return high + this.#reverseTree(SPECIAL + high - slot, bits);
    return high + this.#direct(bits - 4) * 16 + this.#reverseTree(ALIGN, 4);
  }

  /** The length of a match at one of the last distances, which comes to the front. */
  #repeat(position: number): number {
    const state = this.#state;
    const [rep0, rep1, rep2, rep3] = this.#reps;
    const wasLiteral = state < LITERAL_STATES;
    if (this.#bit(IS_REP0 + state) === 0) {
      if (this.#bit(IS_REP0_LONG + state * POSITION_STATES + position) === 0) {
        this.#state = wasLiteral ? 9 : 11;
        return 1;
      }
    } else if (this.#bit(IS_REP1 + state) === 0) this.#reps = [rep1, rep0, rep2, rep3];
    else if (this.#bit(IS_REP2 + state) === 0) this.#reps = [rep2, rep0, rep1, rep3];
    else this.#reps = [rep3, rep0, rep1, rep2];
    this.#state = wasLiteral ? 8 : 11;
    return this.#length(REP_LENGTH, position);
  }

  #length(base: number, position: number): number {
    if (this.#bit(base) === 0) return 2 + this.#tree(base + 2 + position * 8, 3);
    const middle = base + 2 + POSITION_STATES * 8;
    if (this.#bit(base + 1) === 0) return 10 + this.#tree(middle + position * 8, 3);
    return 18 + this.#tree(middle + POSITION_STATES * 8, 8);
  }

  /** The byte `distance` + 1 before the next one. */
  #back(distance: number): number {
    const at = this.#at - distance - 1;
    return this.#ring[at < 0 ? at + this.#ring.length : at]!;
  }

  #put(byte: number): void {
    this.#ring[this.#at++] = byte;
    if (this.#at === this.#ring.length) this.#at = 0;
    this.#total++;
    if (this.#reach < this.dictionaryBytes) this.#reach++;
  }
}
