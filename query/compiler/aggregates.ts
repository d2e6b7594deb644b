import { type Long, stringifyJson } from '../../core/index.js';
import {
  type Accumulator,
  type Aggregator,
  type AggregatorForm,
  type State,
  TRUE,
  type ValueType,
} from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { codeTableOf, rememberedTable } from './code-tables.js';
import type { CodeColumn, CodeSource, Columns } from './columns.js';
import { lowerColumn, lowerExpression } from './expressions.js';
import { lowerFilter } from './filters.js';
import type { KernelBuilder } from './kernel-builder.js';
import { longAt } from './long-at.js';
import { asDouble, asFloat, asLong, codeOf, type Num, tableNumber } from './numbers.js';
import type { Derived } from './share-sums.js';
import type { Test } from './tests.js';
import { ALWAYS, allOf } from './tests.js';
import { add, type Code, get, i32, i64, op, select, store } from './wasm/code.js';

/** One number that a group carries, and what it starts with. */
export interface Field {
  readonly kind: 'i64' | 'f64';
  readonly initial: bigint | number;
}

/** Reads and writes the fields of the group at hand: in memory, or in locals where there is one group. */
export interface Cell {
  read(): Code;
  write(value: Code): Code;
}

/** Where a group's set of codes begins. */
export type SetAddress = (set: number) => Code;

/** The compiled form of one aggregator. */
export interface Aggregate {
  /** Rows that it leaves out, beside those that the query's filter leaves out. */
  readonly filter: Test;
  /** Its input is not null; null where it never is, or where it reads none. */
  readonly valid: Num['valid'];
  readonly field: Field | null;
  /** The number of which it is the LONG sum; null where it is something else. */
  readonly sumOf: Num | null;
  /** It is computed from others at the end, and has no field. */
  readonly derived: Derived | null;
  /** Counts rows: in a query without groups, whole blocks at once. */
  readonly isCount: boolean;
  /** The codes that occurred in a group are marked, one byte each. */
  readonly set: CodeColumn | null;
  /** The numbers that occurred in a group are kept, each once. */
  readonly numbers: InputNumbers | null;
  update(kernel: KernelBuilder, cell: Cell): Code[];
  /** The state of a group of which `seen` tells whether a row was folded; `words` are the field's. */
  state(field: DataView, at: number, seen: boolean): State;
}

/** The one column that a distinct count reads. */
export interface InputNumbers {
  readonly column: string;
  readonly type: ValueType;
  readonly num: Num;
}

/** Null when the aggregator has to be interpreted. */
export function lowerAggregator(columns: Columns, aggregator: Aggregator): Aggregate | null {
  const { form } = aggregator;
  if (form === undefined) return null;
  switch (form.kind) {
    case 'count':
      return COUNT;
    case 'filtered':
      return filtered(columns, form);
    case 'set':
      return distinct(columns, aggregator, form.ignoresNulls);
    default:
      return numeric(columns, aggregator, form);
  }
}

export const COUNT: Aggregate = {
  filter: ALWAYS,
  sumOf: null,
  derived: null,
  valid: null,
  field: { kind: 'i64', initial: 0n },
  isCount: true,
  set: null,
  numbers: null,
  update: (_kernel, cell) => [cell.write(op('i64.add', cell.read(), i64(1n)))],
  state: longAt,
};

function filtered(
  columns: Columns,
  { filter, aggregator }: Extract<AggregatorForm, { kind: 'filtered' }>,
): Aggregate | null {
  const test = lowerFilter(columns, filter, TRUE);
  const inner = test === null ? null : lowerAggregator(columns, aggregator);
  return inner === null ? null : { ...inner, filter: allOf([test!, inner.filter]) };
}

/** Distinct values of one column; the aggregator makes its state of those that occurred. */
function distinct(
  columns: Columns,
  aggregator: Aggregator,
  ignoresNulls: boolean,
): Aggregate | null {
  const set = columns.onlyCodes(aggregator.inputs);
  const numbers = set === null ? inputNumbers(columns, aggregator) : null;
  if (set === null && numbers === null) return null;
  if (numbers !== null && numbers.num.valid !== null && !ignoresNulls) return null;
  return {
    filter: ALWAYS,
    sumOf: null,
    derived: null,
    valid: numbers?.num.valid ?? null,
    field: null,
    isCount: false,
    set,
    numbers,
    update: () => [],
    state: () => aggregator.initial(),
  };
}

/** Nulls do not count; to a distinct count a null is no input at all. */
function inputNumbers(columns: Columns, aggregator: Aggregator): InputNumbers | null {
  const [column, ...others] = aggregator.inputs;
  if (column === undefined || others.length > 0) return null;
  const num = lowerColumn(columns, column);
  if (num === null) return null;
  const type = columns.virtual(column)?.outputType ?? columns.stored(column)!.type;
  return { column, type, num };
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
    sumOf: isLong && kind === 'sum' ? num : null,
    derived: null,
    valid: num.valid,
    field: isLong
      ? { kind: 'i64', initial: LONG_INITIAL[kind] }
      : { kind: 'f64', initial: DOUBLE_INITIAL[kind] },
    isCount: false,
    set: null,
    numbers: null,
    update: (kernel, cell) => [cell.write(merged(kernel, form, cell.read(), num.value(kernel)))],
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
  const [a, b] = [kernel.local('a', 'i64'), kernel.local('b', 'i64')];
  const first = { kind: 'tee', local: a, value: state, gives: 'i64' } as const;
  const second = { kind: 'tee', local: b, value, gives: 'i64' } as const;
  const test = op(kind === 'min' ? 'i64.lt_s' : 'i64.gt_s', get(a), get(b));
  return select(first, second, test);
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
  const make = () =>
    codeTableOf(type === 'LONG' ? 'LONG' : 'DOUBLE', column.size, (code) => {
      source.code = code;
      return accumulator.fold(aggregator.initial()) as Long | null;
    });
  const spec = { ...aggregator.spec, name: '' };
  return tableNumber(column, rememberedTable(columns, column, spec, make));
}

/** Marks the code of the current row in the set that begins at `address`. */
export const markCode = (kernel: KernelBuilder, column: CodeColumn, address: Code): Code =>
  store('i32.store8', add(address, codeOf(kernel, column)), i32(1));

/** An aggregator over the codes of a column. It remembers what it makes of each code, such as its hash. */
interface CodeFold {
  readonly source: CodeSource;
  readonly accumulator: Accumulator;
}

/** Folds of a segment's columns are kept for further queries: so many of each segment. */
const MAX_FOLDS = 8;

const folds = new WeakMap<Segment, Map<string, CodeFold>>();

function foldOf(columns: Columns, aggregator: Aggregator, column: CodeColumn): CodeFold {
  const known = folds.get(columns.segment) ?? new Map<string, CodeFold>();
  folds.set(columns.segment, known);
  const virtual = columns.virtualColumns.map(({ spec }) => spec);
  const key = stringifyJson([{ ...aggregator.spec, name: '' }, virtual]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const source = columns.over(column);
  const fold = { source, accumulator: aggregator.accumulator(source) };
  known.set(key, fold);
  if (known.size > MAX_FOLDS) known.delete([...known.keys()][0]!);
  return fold;
}

/** The state of a set: each code that is marked is folded once. */
export function stateOfSet(
  columns: Columns,
  aggregator: Aggregator,
  column: CodeColumn,
): (marks: Uint8Array) => State {
  const { source, accumulator } = foldOf(columns, aggregator, column);
  return (marks) => {
    let state = aggregator.initial();
    for (let code = marks.indexOf(1); code >= 0; code = marks.indexOf(1, code + 1)) {
      source.code = code;
      state = accumulator.fold(state);
    }
    return state;
  };
}
