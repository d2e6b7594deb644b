import type { Long } from '../../core/index.js';
import type { Aggregator, AggregatorForm, State } from '../../model/index.js';
import { lowerInner } from '../filter/lower-choice.js';
import { rememberedTable } from './code-tables.js';
import type { Columns } from './columns.js';
import { lowerDistinct } from './distinct.js';
import { lowerColumn, lowerExpression } from './expressions.js';
import { type Gather, lowerGathered } from './gathered.js';
import type { KernelBuilder } from './kernel-builder.js';
import { longAt } from './long-at.js';
import {
  asDouble,
  asFloat,
  asLong,
  codeOf,
  extremeLong,
  type Num,
  tableNumber,
} from './numbers.js';
import { lowerRow } from './one-row.js';
import type { Derived } from './share-sums.js';
import { couponKind, HYPER_LOG_LOG, type SketchKind } from './sketch-kinds.js';
import type { Test } from './tests.js';
import { ALWAYS, allOf } from './tests.js';
import { type Code, i64, op } from './wasm/code.js';

/** One number that a group carries, and what it starts with. */
export interface Field {
  readonly kind: 'i64' | 'f64';
  readonly initial: bigint | number;
}

/** Reads and writes the fields of the group at hand: in memory, or in locals where there is one group. */
export interface Cell {
  read(): Code;
  write(value: Code): Code;
  /** Where it is, where entries of sketches are put down for it (`pair-room.ts`); null where sketches grow at once. */
  readonly address: Code | null;
  /** All rows are of the one group that it is of. */
  readonly isOnly: boolean;
}

/** The compiled form of one aggregator. */
export interface Aggregate {
  /** Rows that it leaves out, beside those that the query's filter leaves out. */
  readonly filter: Test;
  /** Its input is not null; null where it never is, or where it reads none. */
  readonly valid: Num['valid'];
  readonly field: Field | null;
  /** What it folds LONGs into, and which; null where it is something else. */
  readonly longFold: LongFold | null;
  /** It is computed from others at the end, and has no field. */
  readonly derived: Derived | null;
  /** Counts rows: in a query without groups, whole blocks at once. */
  readonly isCount: boolean;
  /** Of which kind its field is a sketch (`sketch-room.ts`); null where it is a number. */
  readonly sketch: SketchKind | null;
  /** How its rows are folded where a kernel cannot; null where it does. */
  readonly gather: Gather | null;
  /** How many entries a row may add to its sketch. */
  readonly entriesPerRow: number;
  /** Which rows are folded last, or first, tells in its state: groups must not have equal keys. */
  readonly isOrdered: boolean;
  update(kernel: KernelBuilder, cell: Cell): Code[];
  /** The field of two groups of which one is a part; null where the field is not all there is of a state. */
  readonly combine: ((kernel: KernelBuilder, a: Code, b: Code) => Code) | null;
  /** The state of a group of which `seen` tells whether a row was folded, where its field is no sketch. */
  state(field: DataView, at: number, seen: boolean): State;
}

export interface LongFold {
  readonly kind: 'sum' | 'min' | 'max';
  readonly num: Num;
}

/** Null when the aggregator has to be interpreted. */
export function lowerAggregator(columns: Columns, aggregator: Aggregator): Aggregate | null {
  const { form } = aggregator;
  if (form === undefined) return lowerGathered(columns, aggregator);
  switch (form.kind) {
    case 'count':
      return COUNT;
    case 'filtered':
      return filtered(columns, form);
    case 'sketch':
      return (
        lowerDistinct(columns, aggregator, form, HYPER_LOG_LOG) ??
        lowerGathered(columns, aggregator)
      );
    case 'coupons': {
      const kind = couponKind(form.lgK, form.type);
      const own = kind === null ? null : lowerDistinct(columns, aggregator, form, kind);
      return own ?? lowerGathered(columns, aggregator);
    }
    case 'folds':
      return lowerGathered(columns, aggregator);
    case 'row':
      return lowerRow(columns, aggregator, form);
    default:
      return numeric(columns, aggregator, form);
  }
}

export const COUNT: Aggregate = {
  filter: ALWAYS,
  longFold: null,
  derived: null,
  valid: null,
  field: { kind: 'i64', initial: 0n },
  isCount: true,
  sketch: null,
  gather: null,
  entriesPerRow: 0,
  isOrdered: false,
  update: (_kernel, cell) => [cell.write(op('i64.add', cell.read(), i64(1n)))],
  combine: (_kernel, a, b) => op('i64.add', a, b),
  state: longAt,
};

function filtered(
  columns: Columns,
  { filter, aggregator }: Extract<AggregatorForm, { kind: 'filtered' }>,
): Aggregate | null {
  const test = lowerInner(columns, filter);
  const inner = test === null ? null : lowerAggregator(columns, aggregator);
  return inner === null ? null : { ...inner, filter: allOf([test!, inner.filter]) };
}

type NumericForm = Extract<AggregatorForm, { kind: 'sum' | 'min' | 'max' }>;

function numeric(columns: Columns, aggregator: Aggregator, form: NumericForm): Aggregate | null {
  const num = inputOf(columns, aggregator, form);
  return num === null ? null : numberFold(form, num);
}

/** The sum of a LONG. */
export const longSum = (num: Num): Aggregate => numberFold({ kind: 'sum', type: 'LONG' }, num);

/** How numbers become one. */
type FoldForm = Pick<NumericForm, 'kind' | 'type'>;

function numberFold(form: FoldForm, num: Num): Aggregate {
  const { kind, type } = form;
  const isLong = type === 'LONG';
  return {
    filter: ALWAYS,
    longFold: isLong ? { kind, num } : null,
    derived: null,
    valid: num.valid,
    field: isLong
      ? { kind: 'i64', initial: LONG_INITIAL[kind] }
      : { kind: 'f64', initial: DOUBLE_INITIAL[kind] },
    isCount: false,
    sketch: null,
    gather: null,
    entriesPerRow: 0,
    isOrdered: false,
    update: (kernel, cell) => [cell.write(merged(kernel, form, cell.read(), num.value(kernel)))],
    combine: (kernel, a, b) => merged(kernel, form, a, b),
    state(view, at, seen) {
      if (!seen) return null;
      return isLong ? longAt(view, at) : view.getFloat64(at, true);
    },
  };
}

/** What leaves every number as it is. */
const LONG_INITIAL = { sum: 0n, min: 2n ** 63n - 1n, max: -(2n ** 63n) } as const;
const DOUBLE_INITIAL = {
  sum: -0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
} as const;

function merged(kernel: KernelBuilder, { kind, type }: FoldForm, state: Code, value: Code): Code {
  if (type !== 'LONG') {
    const combined = op(DOUBLE_MERGES[kind], state, value);
    // A sum of floats is rounded at every step.
    return type === 'FLOAT' && kind === 'sum'
      ? op('f64.promote_f32', op('f32.demote_f64', combined))
      : combined;
  }
  if (kind === 'sum') return op('i64.add', state, value);
  return extremeLong(kernel, kind, state, value);
}

/** As in Java and JavaScript: NaN wins, and -0 is less than 0. */
const DOUBLE_MERGES = { sum: 'f64.add', min: 'f64.min', max: 'f64.max' } as const;

function inputOf(
  columns: Columns,
  aggregator: Aggregator,
  { type, input }: NumericForm,
): Num | null {
  const { expression, inputs } = input;
  const num =
    expression === null ? lowerColumn(columns, inputs[0]!) : lowerExpression(columns, expression);
  if (num === null) return perCode(columns, aggregator, type);
  if (type === 'LONG') return asLong(num);
  return type === 'FLOAT' ? asFloat(num) : asDouble(num);
}

/** Of an input that comes down to codes: the state after one row with each code. */
function perCode(columns: Columns, aggregator: Aggregator, type: NumericForm['type']): Num | null {
  const column = columns.onlyCodes(aggregator.inputs);
  if (column === null) return null;
  const source = columns.over(column);
  const accumulator = aggregator.accumulator(source);
  const numberOf = (code: number): Long | null => {
    source.code = code;
    return accumulator.fold(aggregator.initial()) as Long | null;
  };
  const spec = { ...aggregator.spec, name: '' };
  const tableType = type === 'LONG' ? 'LONG' : 'DOUBLE';
  return tableNumber(
    (kernel) => codeOf(kernel, column),
    rememberedTable(columns, column, spec, tableType, numberOf),
  );
}
