import type { LookupTable } from '../../model/index.js';
import type { CodeTable } from './code-tables.js';
import { type LongCodes, longCodesOf } from './long-codes.js';

/** A lookup by codes, those of its distinct values, from 1 on: 0 stands for keys that it has not. Of this thread, as long as the table is there. */
export class LookupCodes {
  /** By pair. */
  readonly #codes: Uint32Array;
  /** Of each value the first pair that has it. */
  readonly #firsts: Uint32Array;
  #longs: LongCodes | null = null;
  /** What values are as numbers, by type and by what others have. */
  readonly numbers = new Map<string, CodeTable>();

  private constructor(private readonly table: LookupTable) {
    const { ordinals, firsts } = table.distinctValues();
    this.#codes = ordinals.map((ordinal) => ordinal + 1);
    this.#firsts = firsts;
  }

  static of(table: LookupTable): LookupCodes {
    const codes = known.get(table) ?? new LookupCodes(table);
    known.set(table, codes);
    return codes;
  }

  get size(): number {
    return this.#firsts.length + 1;
  }

  /** The value of a code that is not 0. */
  text(code: number): string {
    return this.table.value(this.#firsts[code - 1]!);
  }

  /** Of a key, which is at [from, to) in `bytes`. */
  codeOf(bytes: Uint8Array, from: number, to: number): number {
    const pair = this.table.pairOf(bytes, from, to);
    return pair < 0 ? 0 : this.#codes[pair]!;
  }

  /** Of keys that are the digits of a LONG. */
  get longs(): LongCodes {
    this.#longs ??= longCodesOf(this.table, this.#codes);
    return this.#longs;
  }
}

const known = new WeakMap<LookupTable, LookupCodes>();
