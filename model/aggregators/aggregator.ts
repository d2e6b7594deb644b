import type { HllType } from '../../sketches/index.js';
import type { Filter } from '../filters/filter.js';
import type { RowSource } from '../rows.js';
import type { Value, ValueType } from '../types.js';
import type { EntryReader, PlainInput } from './distinct-entries.js';
import type { Input } from './number-input.js';

/** The running state of one aggregator in one group. Opaque to everybody but its aggregator. */
export type State = Value;

/** What may cross a thread or a network boundary: plain values, bytes, arrays and plain objects of these. */
export type WireState = Value | Uint8Array;

/**
 * One aggregator of one query or table: an aggregator type with its settings.
 *
 *     row ──fold──► state ──combine──► state ──finalise──► value
 *                     │ ▲
 *              encode ▼ │ decode      (worker ► main, node ► broker)
 *
 * combine is associative, and `initial` is its neutral element, so that partial results can be
 * merged in any grouping; they are merged in a fixed order, so that doubles are reproducible.
 */
export interface Aggregator {
  readonly name: string;
  /** The JSON it was parsed from; `parseAggregator(spec)` gives an equal aggregator. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** The columns it reads (those of a filter and of an expression included). */
  readonly inputs: readonly string[];
  /** The type of its state as a stored metric column. */
  readonly storedType: ValueType;
  /** The type of the finalised value. */
  readonly resultType: ValueType;
  /** Compiles it against rows. */
  accumulator(source: RowSource): Accumulator;
  /**
   * How `inputs` are read where rows come in and a field may hold numbers in one batch and texts in the next: all as
   * texts, each value as what it is by itself, texts as the sketches (of `storedType`) that they stand for in base64, or
   * those that spell no number. Absent: by the type that the whole batch shows.
   */
  readonly rawFields?: 'texts' | 'own values' | 'sketches' | 'numbers or sketches';
  /** Set where no column can be stored of it. */
  readonly queryOnly?: true;
  /** The same as data; absent where only `accumulator` can tell. */
  readonly form?: AggregatorForm;
  initial(): State;
  /** May reuse `a`; the caller must not use `a` again. Never changes `b`. */
  combine(a: State, b: State): State;
  finalise(state: State): Value;
  /** What is shown of a state where it is not finalised, a value of `storedType`. Absent: the state itself. */
  shown?(state: State): Value;
  /** The aggregator that merges this one's stored column: it reads the column `name`. */
  combining(): Aggregator;
  encode(state: State): WireState;
  decode(wire: WireState): State;
  /** Order of finalised values for sorting, nulls first. */
  compare(a: Value, b: Value): number;
}

/** What is shown of a state that is not finalised. */
export const shownState = (aggregator: Aggregator, state: State): Value =>
  aggregator.shown === undefined ? state : aggregator.shown(state);

/** How an aggregator folds rows, for those who compile it otherwise than by `accumulator`. */
export type AggregatorForm =
  | { readonly kind: 'count' }
  | {
      readonly kind: 'sum' | 'min' | 'max';
      readonly type: 'LONG' | 'DOUBLE' | 'FLOAT';
      readonly input: Input;
    }
  /** The state is a HyperLogLog of the usual size, to which rows add entries, in any order. `finalise` takes a union of some too. */
  | {
      readonly kind: 'sketch';
      /** What the current row adds. */
      readonly entries: (source: RowSource) => EntryReader;
      /** The one column of which plain numbers are added, one a row; null where it may be otherwise. */
      readonly plain: PlainInput | null;
    }
  /** The same, and the state is an HLL sketch of Apache DataSketches, of which entries are coupons. */
  | {
      readonly kind: 'coupons';
      readonly lgK: number;
      readonly type: HllType;
      readonly entries: (source: RowSource) => EntryReader;
      readonly plain: PlainInput | null;
    }
  /** Only the aggregator knows its state. */
  | {
      readonly kind: 'folds';
      /** The state is the same in whatever order rows are folded. */
      readonly isOrderFree: boolean;
      /** How it takes the numbers of a column that has a number type; null where only `accumulator` can tell. */
      readonly numbers: {
        readonly column: string;
        /** Changes a state that `initial` gave. Nulls are not added. */
        readonly add: (state: State, number: number) => void;
        /** Adds the numbers from one place to another. */
        readonly addAll: (state: State, numbers: Float64Array, from: number, to: number) => void;
      } | null;
    }
  /** The state is the one that a single row would give: of rows in the order of time the first or the last. */
  | {
      readonly kind: 'row';
      readonly which: 'first' | 'last';
      readonly column: string;
      /** Rows that give no state do not count; else all do. */
      readonly skipsNulls: boolean;
    }
  | { readonly kind: 'filtered'; readonly filter: Filter; readonly aggregator: Aggregator };

/** Reads the current row of its source into a state. */
export interface Accumulator {
  /** The state after the current row. May reuse `state`; the caller must not use the old one again. */
  fold(state: State): State;
}
