import {
  COUPON_ADDRESS_BITS,
  couponLimit,
  DATA_SKETCHES_SEED,
  DEFAULT_LG_K,
  HllSketch,
  type HllType,
  HyperLogLogList,
  hllImage,
  RANK_BITS,
  sparseLimit,
} from '../../sketches/index.js';
import { type StateColumn, stateColumn } from '../interpreter/state-column.js';
import { mix64, murmur3, type NumberHash } from './emit-number-hash.js';
import { type Code, i32, i64, op } from './wasm/code.js';

/** How the sketches of one kind are made of entries, u32 each, of which none is 0. */
export interface SketchKind {
  /** Of numbers. */
  readonly hash: NumberHash;
  /** The entry of a hash of which these are the two words. */
  entry(h1: Code, h2: Code): Code;
  /** Bits of an entry that are random, at the high end. */
  spread(entry: Code): Code;
  /** Whether two that differ are for one place of a table. */
  areOne(found: Code, entry: Code): Code;
  readonly lgRegisters: number;
  /** Not yet masked. */
  register(entry: Code): Code;
  rank(entry: Code): Code;
  /** More entries become registers. */
  readonly limit: number;
  states(): SketchStates;
}

/** Collects sketches as the states of an aggregator. */
export interface SketchStates {
  addEmpty(): void;
  /** Of the entries among `slots` in [from, to), of which 0 are none. */
  addSparse(slots: Uint32Array, from: number, to: number, count: number): void;
  /** Of the entries in [from, to), few, of which some may be for one place. */
  addFew(entries: Uint32Array, from: number, to: number): void;
  /** Of the ranks that lie at `from`, a byte each. */
  addDense(bytes: Uint8Array, from: number): void;
  column(): StateColumn;
}

/** HyperLogLogs of the usual size: bucket above rank, of the ranks of a bucket the highest. */
export const HYPER_LOG_LOG: SketchKind = {
  hash: mix64,
  entry: (h1, h2) =>
    op(
      'i32.or',
      op('i32.shl', op('i32.wrap_i64', h1), i32(RANK_BITS)),
      op('i32.add', leadingZeros(h2), i32(1)),
    ),
  spread: (entry) => entry,
  areOne: (found, entry) => op('i32.lt_u', op('i32.xor', found, entry), i32(2 ** RANK_BITS)),
  lgRegisters: DEFAULT_LG_K,
  register: (entry) => op('i32.shr_u', entry, i32(RANK_BITS)),
  rank: (entry) => op('i32.and', entry, i32(2 ** RANK_BITS - 1)),
  limit: sparseLimit(DEFAULT_LG_K),
  states: () => new HyperLogLogList(),
};

/** Registers are bytes, and tables are as large as they are: more would leave the caches. */
const MAX_LG_K = 14;

/** HLL sketches of Apache DataSketches: rank above address, each coupon once. Null where they have too many registers. */
export function couponKind(lgK: number, type: HllType): SketchKind | null {
  if (lgK > MAX_LG_K) return null;
  return {
    hash: murmur3(DATA_SKETCHES_SEED),
    entry: (h1, h2) =>
      op(
        'i32.or',
        op('i32.and', op('i32.wrap_i64', h1), i32(2 ** COUPON_ADDRESS_BITS - 1)),
        op(
          'i32.shl',
          // Ranks beyond 63 have no room.
          op('i32.add', leadingZeros(op('i64.or', h2, i64(2n))), i32(1)),
          i32(COUPON_ADDRESS_BITS),
        ),
      ),
    spread: (entry) => op('i32.shl', entry, i32(32 - COUPON_ADDRESS_BITS)),
    areOne: (found, entry) => op('i32.eq', found, entry),
    lgRegisters: lgK,
    register: (entry) => entry,
    rank: (entry) => op('i32.shr_u', entry, i32(COUPON_ADDRESS_BITS)),
    limit: couponLimit(lgK),
    states: () => new HllStates(lgK, type),
  };
}

const leadingZeros = (bits: Code): Code => op('i32.wrap_i64', op('i64.clz', bits));

class HllStates implements SketchStates {
  readonly #images: Uint8Array[] = [];

  constructor(
    private readonly lgK: number,
    private readonly type: HllType,
  ) {}

  addEmpty(): void {
    this.#images.push(hllImage(new HllSketch(this.lgK, this.type)));
  }

  addSparse(slots: Uint32Array, from: number, to: number): void {
    const sketch = new HllSketch(this.lgK, this.type);
    for (let slot = from; slot < to; slot++) {
      if (slots[slot] !== 0) sketch.addCoupon(slots[slot]!);
    }
    this.#images.push(hllImage(sketch));
  }

  addFew(entries: Uint32Array, from: number, to: number): void {
    this.addSparse(entries, from, to);
  }

  addDense(bytes: Uint8Array, from: number): void {
    const ranks = bytes.slice(from, from + 2 ** this.lgK);
    this.#images.push(hllImage(HllSketch.ofRegisters(new Uint8Array(ranks), this.type, null)));
  }

  column(): StateColumn {
    return stateColumn(this.#images);
  }
}
