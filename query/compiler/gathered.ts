import type { Aggregator, State } from '../../model/index.js';
import type { Aggregate, Cell } from './aggregates.js';
import type { Columns } from './columns.js';
import { lowerColumn } from './expressions.js';
import { GATHERED_BYTES } from './gather-room.js';
import type { KernelBuilder } from './kernel-builder.js';
import { asDouble, type Num } from './numbers.js';
import { ALWAYS } from './tests.js';
import { add, type Code, get, i32, i64, op, set, store, when } from './wasm/code.js';

/**
 * How rows are folded whose states only the aggregator knows: the kernel filters and groups, and puts down for each row
 * what is folded and into which state (`gather-room.ts`); the fold itself is JavaScript.
 */
export interface Gather {
  /** What is put down of a row, a double. */
  readonly payload: (kernel: KernelBuilder) => Code;
  fold(state: State, payload: number): State;
  /** The same with those from one place to another; null where rows are read again. */
  readonly foldMany:
    | ((state: State, payloads: Float64Array, from: number, to: number) => State)
    | null;
  initial(): State;
  /** Rows are read again, one by one, of the snapshot that the plan was taken apart for. */
  readonly readsRows: boolean;
  /** The state is the same in whatever order rows come. */
  readonly isOrderFree: boolean;
}

/** Any aggregator: by its numbers where it takes those of a column, else row by row. */
export function lowerGathered(columns: Columns, aggregator: Aggregator): Aggregate {
  const { form } = aggregator;
  const numbers = form?.kind === 'folds' ? form.numbers : null;
  const num = numbers && columns.exists(numbers.column) && lowerColumn(columns, numbers.column);
  const isOrderFree =
    form?.kind === 'sketch' ||
    form?.kind === 'coupons' ||
    (form?.kind === 'folds' && form.isOrderFree);
  const shared = { initial: () => aggregator.initial(), isOrderFree };
  if (num) {
    const fold = (state: State, number: number): State => {
      numbers!.add(state, number);
      return state;
    };
    const foldMany = (state: State, all: Float64Array, from: number, to: number): State => {
      numbers!.addAll(state, all, from, to);
      return state;
    };
    const payload = asDouble(num).value;
    return gathering({ ...shared, payload, fold, foldMany, readsRows: false }, num.valid);
  }
  const { cursor, source } = columns.rows();
  const accumulator = aggregator.accumulator(source);
  const fold = (state: State, row: number): State => {
    cursor.row = row;
    return accumulator.fold(state);
  };
  return gathering({ ...shared, payload: rowNumber, fold, foldMany: null, readsRows: true }, null);
}

const rowNumber = (kernel: KernelBuilder): Code =>
  op('f64.convert_i64_s', op('i64.extend_i32_u', get(kernel.row)));

const gathering = (gather: Gather, valid: Num['valid']): Aggregate => ({
  filter: ALWAYS,
  longFold: null,
  derived: null,
  valid,
  field: { kind: 'i64', initial: 0n },
  isCount: false,
  sketch: null,
  gather,
  entriesPerRow: 0,
  isOrdered: false,
  // `withGathers` tells it which of the plan's it is.
  update: () => [],
  // The number of a state means nothing elsewhere.
  combine: null,
  state: () => null,
});

/** The aggregates of a plan, those that gather rows by their position among them. */
export const withGathers = (aggregates: readonly Aggregate[]): readonly Aggregate[] =>
  aggregates.map((each, i) => {
    const { gather } = each;
    if (gather === null) return each;
    return { ...each, update: (kernel, cell) => putDown(kernel, cell, gather, i) };
  });

/** The field is the number of the group's state, 0 before there is one. */
function putDown(kernel: KernelBuilder, cell: Cell, { payload }: Gather, i: number): Code[] {
  const number = kernel.local('stateNumber', 'i64');
  const [states, next] = [kernel.call('gatherStates'), kernel.call('gatherNext')];
  const who = i64(BigInt(i) << 32n);
  return [
    set(number, cell.read()),
    when(op('i64.eqz', get(number)), [
      set(states, op('i32.add', get(states), i32(1))),
      set(number, op('i64.extend_i32_u', get(states))),
      cell.write(get(number)),
    ]),
    store('f64.store', get(next), payload(kernel)),
    store('i64.store', get(next), op('i64.or', get(number), who), 8),
    set(next, add(get(next), i32(GATHERED_BYTES))),
  ];
}
