import type { Long } from '../../core/index.js';
import {
  type Dimension,
  isArrayType,
  NULL_READER,
  type RowSource,
  type Value,
  withVirtualColumns,
} from '../../model/index.js';
import type { GroupRules } from '../interpreter/group-rows.js';
import type { CodeColumn, Columns } from './columns.js';
import { lowerColumn } from './expressions.js';
import type { KernelBuilder } from './kernel-builder.js';
import { isLookedUp } from './looked-up.js';
import { codeOf, type Num } from './numbers.js';
import { lowerText } from './text-choices.js';
import { add, type Code, get, load, shl } from './wasm/code.js';
import { plainType, wholeValue } from './whole-values.js';

/**
 * How a dimension becomes a part of a group's key.
 *
 *     constant  one value for all rows
 *     call      one value for all rows of a run, which depends on time alone
 *     codes     a small number per row, in [0, size)
 *     lists     several small numbers per row: a group for each
 *     number    any 64 bits, and whether they are null
 */
export type KeyPart =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'call'; readonly part: number }
  | {
      readonly kind: 'codes';
      readonly size: number;
      readonly code: (kernel: KernelBuilder) => Code;
      /** No two codes have equal values. */
      readonly isDistinct: boolean;
      /** Codes ascend as their values do in natural order. */
      readonly isSorted: boolean;
      readonly value: (code: number) => Value;
    }
  | {
      readonly kind: 'lists';
      readonly size: number;
      readonly list: (kernel: KernelBuilder) => Code;
      /** u32 each: list i is elements [offsets[i], offsets[i + 1]). */
      readonly offsets: Uint32Array;
      readonly elements: Uint32Array;
      readonly longest: number;
      readonly value: (element: number) => Value;
    }
  | {
      readonly kind: 'number';
      readonly num: Num;
      /** The dimension is the number itself, the text of it, which no other number has, or whatever `value` makes of it. */
      readonly shows: 'number' | 'text' | 'anything';
      readonly value: (number: Long | null) => Value;
    };

/** Whether groups of which this part differs have different values. */
export function isDistinctKey(key: KeyPart): boolean {
  if (key.kind === 'number') return key.shows !== 'anything';
  return key.kind !== 'codes' || key.isDistinct;
}

/** As many codes are looked at, to find out which have equal values. */
const MAX_COMPARED_CODES = 65_536;

/** The same part, but that equal values have one code, the first of theirs; null where that would take long. */
export function distinctKey(key: KeyPart): KeyPart | null {
  if (isDistinctKey(key)) return key;
  if (key.kind !== 'codes' || key.size > MAX_COMPARED_CODES) return null;
  const firstOf = new Map<Value, number>();
  const firsts = new Uint32Array(key.size);
  for (let code = 0; code < key.size; code++) {
    const value = key.value(code);
    if (Array.isArray(value)) return null;
    const first = firstOf.get(value) ?? code;
    firstOf.set(value, first);
    firsts[code] = first;
  }
  const code = (kernel: KernelBuilder): Code =>
    u32At(get(kernel.table(bytesOf(firsts))), key.code(kernel));
  return { ...key, code, isDistinct: true, isSorted: false };
}

/** Null when the dimension has to be interpreted. */
export function lowerDimension(
  columns: Columns,
  dimension: Dimension,
  rules: GroupRules,
): KeyPart | null {
  if (isArrayType(dimension.outputType)) return arrayPart(columns, dimension);
  const stored = columns.storedBehind(dimension.inputs);
  if (stored.size === 0) return constantPart(dimension.reader(columns.over(null)).get(), rules);
  if (isLookedUp(columns, dimension.inputs)) {
    const part = textPart(columns, dimension) ?? numberPart(columns, dimension);
    if (part !== null) return part;
  }
  const codes = columns.onlyCodes(dimension.inputs);
  if (codes !== null) return codesPart(columns, dimension, codes, rules);
  return (
    textPart(columns, dimension) ??
    numberPart(columns, dimension) ??
    jsonNumberPart(columns, dimension)
  );
}

/** A list as a whole is one value of the key. */
function arrayPart(columns: Columns, dimension: Dimension): KeyPart | null {
  const column = columns.onlyCodes(dimension.inputs);
  if (column === null) return null;
  const source = columns.over(column);
  const reader = dimension.reader(source);
  return {
    kind: 'codes',
    size: column.size,
    code: (kernel) => codeOf(kernel, column),
    isDistinct: false,
    isSorted: false,
    value(code) {
      source.code = code;
      return reader.get();
    },
  };
}

/** A filtered dimension may leave an empty list of a null. */
function constantPart(value: Value, rules: GroupRules): KeyPart | null {
  if (!Array.isArray(value)) return { kind: 'constant', value };
  const [only] = value.length === 0 ? emptyCell(rules) : value;
  return value.length > 1 || only === undefined ? null : { kind: 'constant', value: only as Value };
}

/** Groups are told apart by code; codes of equal values meet when partial results are merged. */
function codesPart(
  columns: Columns,
  dimension: Dimension,
  column: CodeColumn,
  rules: GroupRules,
): KeyPart | null {
  const source = columns.over(column);
  const reader = dimension.reader(source);
  const value = (code: number): Value => {
    source.code = code;
    return reader.get();
  };
  const readsLists = dimension.inputs.some((name) => isArrayType(source.column(name).type));
  if (!reader.multiValue && !readsLists && !mayGiveLists(dimension)) {
    return {
      kind: 'codes',
      size: column.size,
      code: (kernel) => codeOf(kernel, column),
      isDistinct: isPlain(columns, dimension, column),
      isSorted: isPlain(columns, dimension, column) && hasSortedCodes(column),
      value,
    };
  }
  return listsPart(column, value, rules);
}

/** Codes ascend as what they stand for does. */
const hasSortedCodes = ({ scan, nullCode }: CodeColumn): boolean =>
  scan.layout === 'ids' ? scan.texts?.isSorted === true : nullCode === null;

/** The cells of a column as they are, each of which is there once: documents are null as texts. */
const isPlain = (columns: Columns, { spec, inputs, outputType }: Dimension, { scan }: CodeColumn) =>
  isAsItIs({ spec }) && outputType === scan.type && columns.virtual(inputs[0]!) === null;

const isAsItIs = ({ spec }: Pick<Dimension, 'spec'>): boolean =>
  spec.type === undefined || spec.type === 'default';

/** A filtered dimension gives empty lists, of any column. */
export const mayGiveLists = ({ spec }: Dimension): boolean =>
  spec.type !== undefined && spec.type !== 'default' && spec.type !== 'extraction';

function listsPart(
  column: CodeColumn,
  value: (code: number) => Value,
  rules: GroupRules,
): KeyPart | null {
  const known = new Map<Value, number>();
  const values: Value[] = [];
  const elementOf = (each: Value): number => {
    const found = known.get(each);
    if (found !== undefined) return found;
    known.set(each, values.length);
    return values.push(each) - 1;
  };
  const offsets = new Uint32Array(column.size + 1);
  const elements: number[] = [];
  let longest = 1;
  for (let code = 0; code < column.size; code++) {
    const cell = value(code);
    const list = !Array.isArray(cell) ? [cell] : cell.length > 0 ? cell : emptyCell(rules);
    if (list.length > 1 && !rules.unnesting) return null;
    for (const each of list) elements.push(elementOf(each as Value));
    longest = Math.max(longest, list.length);
    offsets[code + 1] = elements.length;
  }
  return {
    kind: 'lists',
    size: Math.max(1, values.length),
    list: (kernel) => codeOf(kernel, column),
    offsets,
    elements: Uint32Array.from(elements),
    longest,
    value: (element) => values[element]!,
  };
}

const emptyCell = ({ emptyCells }: GroupRules): readonly Value[] =>
  emptyCells === 'skip' ? [] : [null];

/** A text chosen among several columns and constants; the dimension changes it for each code. */
function textPart(columns: Columns, dimension: Dimension): KeyPart | null {
  const [name, ...others] = dimension.inputs;
  if (name === undefined || others.length > 0 || mayGiveLists(dimension)) return null;
  const text = lowerText(columns, name);
  if (text === null) return null;
  const source = text.source();
  const reader = dimension.reader(source);
  return {
    kind: 'codes',
    size: text.size,
    code: text.code,
    isDistinct: text.isDistinct && isAsItIs(dimension) && dimension.outputType === 'STRING',
    isSorted: false,
    value(code) {
      source.code = code;
      return reader.get();
    },
  };
}

/** A numeric column by its bits; the dimension casts each distinct number afterwards. */
function numberPart(columns: Columns, dimension: Dimension): KeyPart | null {
  const [name, ...others] = dimension.inputs;
  if (name === undefined || others.length > 0 || !isAsItIs(dimension)) return null;
  const num = lowerColumn(columns, name);
  if (num === null) return null;
  const type = columns.virtual(name)?.outputType ?? columns.stored(name)!.type;
  let current: Long | null = null;
  const source: RowSource = {
    column: (asked) =>
      asked === name ? { type, multiValue: false, exists: true, get: () => current } : NULL_READER,
  };
  const reader = dimension.reader(source);
  return {
    kind: 'number',
    num,
    shows: type === num.type ? shownAs(dimension, num.type) : 'anything',
    value(number) {
      current = number;
      return reader.get();
    },
  };
}

/** Texts of doubles are not told apart by bits: there are two zeros. */
function shownAs({ outputType }: Dimension, type: Num['type']): 'number' | 'text' | 'anything' {
  if (outputType === type) return 'number';
  return outputType === 'STRING' && type === 'LONG' ? 'text' : 'anything';
}

/** What is made of a JSON number as a whole, such as its text: groups are told apart by the number. */
function jsonNumberPart(columns: Columns, dimension: Dimension): KeyPart | null {
  const [name, ...others] = dimension.inputs;
  if (name === undefined || others.length > 0 || mayGiveLists(dimension)) return null;
  const whole = wholeValue(columns.virtual(name)?.expression?.tree);
  if (whole === null || plainType(columns.segment, whole) === null) return null;
  const num = lowerColumn(columns, whole.column);
  const type = columns.stored(whole.column)?.type;
  if (num === null || type === undefined) return null;
  let current: Long | null = null;
  const number = { type, multiValue: false, exists: true, get: () => current };
  const stored: RowSource = {
    column: (asked) => (asked === whole.column ? number : NULL_READER),
  };
  const reader = dimension.reader(withVirtualColumns(stored, columns.virtualColumns));
  if (reader.multiValue) return null;
  return {
    kind: 'number',
    num,
    shows: 'anything',
    value(value) {
      current = value;
      return reader.get();
    },
  };
}

/** Element `at` of a table of u32. */
export const u32At = (table: Code, at: Code): Code => load('i32.load', add(table, shl(at, 2)));

/** A typed array's bytes. */
export const bytesOf = (array: Uint32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
