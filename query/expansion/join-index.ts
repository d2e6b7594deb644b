import { UserError } from '../../core/index.js';
import type { JoinCondition, JoinKey, Value, ValueType } from '../../model/index.js';
import { keyCaster } from './key-caster.js';
import type { RightColumn, RightSide } from './right-side.js';

/** No row of the right side has it. */
export const NO_CODE = -1;

/**
 * Rows by their keys. Each distinct value of a key column has an ordinal, its place among these, which is the code of a single key; with
 * every further key, each pair of a code and an ordinal that comes up is a new code:
 *
 *     row ─► ordinals of its keys ─► code ─► starts[code] … starts[code + 1] ─► rows
 */
export class JoinIndex {
  static of({ keys, isNever }: JoinCondition, side: RightSide): JoinIndex {
    const columns = keys.map(({ right }) => side.column(right));
    const codes = new Float64Array(side.segment.rowCount).fill(isNever ? NO_CODE : 0);
    let size = 1;
    const pairs = columns.map(({ values, ordinals }, i) => {
      const skipped = keys[i]!.nullsMatch ? NO_CODE : values.indexOf(null);
      const pair = i === 0 ? new FirstCodes(values.length) : new Pairs(values.length);
      for (let row = 0; row < codes.length; row++) {
        const ordinal = ordinals[row]!;
        if (codes[row] === NO_CODE) continue;
        codes[row] = ordinal === skipped ? NO_CODE : pair.add(codes[row]!, ordinal);
      }
      size = pair.size;
      return pair;
    });
    return new JoinIndex(keys, columns, pairs, rowsByCode(codes, size), side);
  }

  private constructor(
    private readonly keys: readonly JoinKey[],
    private readonly columns: readonly RightColumn[],
    private readonly steps: readonly Codes[],
    readonly byCode: RowsByCode,
    private readonly side: RightSide,
  ) {}

  /** The code of rows whose keys have these ordinals, of which NO_CODE is none. */
  code(ordinals: readonly number[]): number {
    let code = 0;
    for (let i = 0; i < ordinals.length && code !== NO_CODE; i++) {
      code = ordinals[i] === NO_CODE ? NO_CODE : this.steps[i]!.find(code, ordinals[i]!);
    }
    return code;
  }

  /** Gives the ordinal that a value of the left side has as a key. */
  ordinalOf(key: number, leftType: ValueType): (value: Value) => number {
    const { right, nullsMatch } = this.keys[key]!;
    const rightType = this.side.segment.describe(right)?.type ?? 'STRING';
    const cast = keyCaster(leftType, rightType);
    const { values } = this.columns[key]!;
    const ordinals = new Map(values.map((value, i) => [value, i]));
    return (value) => {
      if (value === null) return nullsMatch ? (ordinals.get(null) ?? NO_CODE) : NO_CODE;
      if (Array.isArray(value)) throw manyKeys(right);
      const own = cast(value);
      return own === undefined ? NO_CODE : (ordinals.get(own) ?? NO_CODE);
    };
  }
}

const manyKeys = (right: string): UserError =>
  new UserError(
    `dataSource.condition: what is compared with the column [${right}] of the right side has several values in a row; unnest it before it is joined`,
    'query',
    'dataSource.condition',
  );

/** Those of a code are `rows[starts[code]]` to before `rows[starts[code + 1]]`. */
interface RowsByCode {
  /** One more than there are codes. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

/** Sorted by counting, so that rows of a code keep their order. */
function rowsByCode(codes: Float64Array, size: number): RowsByCode {
  const starts = new Uint32Array(size + 1);
  for (const code of codes) if (code !== NO_CODE) starts[code + 1]!++;
  for (let code = 0; code < size; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice();
  const rows = new Uint32Array(starts[size]!);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code !== NO_CODE) rows[next[code]!++] = row;
  }
  return { starts, rows };
}

/** Makes codes of those of the keys before and the ordinals of one key. */
interface Codes {
  readonly size: number;
  add(code: number, ordinal: number): number;
  find(code: number, ordinal: number): number;
}

/** Of the first key. */
class FirstCodes implements Codes {
  constructor(readonly size: number) {}

  add(_: number, ordinal: number): number {
    return ordinal;
  }

  find(_: number, ordinal: number): number {
    return ordinal;
  }
}

/** Numbers pairs in the order in which they come up. */
class Pairs implements Codes {
  readonly #codes = new Map<number, number>();

  constructor(private readonly ordinalCount: number) {}

  get size(): number {
    return this.#codes.size;
  }

  add(code: number, ordinal: number): number {
    const pair = code * this.ordinalCount + ordinal;
    const known = this.#codes.get(pair) ?? this.#codes.size;
    this.#codes.set(pair, known);
    return known;
  }

  find(code: number, ordinal: number): number {
    return this.#codes.get(code * this.ordinalCount + ordinal) ?? NO_CODE;
  }
}
