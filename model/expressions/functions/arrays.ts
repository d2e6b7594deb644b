import { scalarText } from '../../text.js';
import {
  type ArrayType,
  elementType,
  isArrayType,
  isComplexType,
  type Scalar,
} from '../../types.js';
import type { ExprType } from '../ast.js';
import { arrayOf, asArray, asInt, asText, coerced, commonType } from '../coerce.js';
import type { Operand } from '../operand.js';
import { callError, define, type FunctionDefinition, nameOf, unlessNull } from './definition.js';
import { inSetOrder } from './set-order.js';
import { spendWork } from './work.js';

/** Arrays. A scalar stands for a list of one, and a null array gives null. */

type List = readonly Scalar[];

/** Longer arrays are not made by padding or by putting arrays behind one another. */
const MAX_ELEMENTS = 1_000_000;

const first = (index: number): boolean => index === 0;
const second = (index: number): boolean => index === 1;
const both = (index: number): boolean => index <= 1;

/** The operand as a list of another array type's elements. */
const listOf = (arg: Operand, type: ExprType): (() => List | null) => asArray(coerced(arg, type));

/** The array type in which two operands can be compared. */
const comparable = (a: Operand, b: Operand): ArrayType =>
  arrayOf(commonType([arrayOf(a.type ?? b.type), arrayOf(b.type ?? a.type)]));

/** The type of an array argument, or of the other one where it is a literal null. */
const typeOr = (array: Operand, other: Operand): ArrayType => arrayOf(array.type ?? other.type);

/** A function that adds one element, converted to the array's type. */
const withElement = (
  usage: string,
  doc: string,
  evaluate: (list: List, element: Scalar, type: ArrayType) => List,
): FunctionDefinition => {
  const arrayFirst = usage.includes('(array');
  const ordered = (args: readonly Operand[]) =>
    (arrayFirst ? args : [args[1], args[0]]) as [Operand, Operand];
  return define({
    usage,
    doc,
    takesArray: arrayFirst ? first : second,
    resultType: (args) => typeOr(...ordered(args)),
    compile: (args) => {
      const [array, element] = ordered(args);
      const type = typeOr(array, element);
      const list = listOf(array, type);
      const one = coerced(element, elementType(type)).get;
      return () => {
        const elements = list();
        if (elements === null) return null;
        spendWork(nameOf(usage), elements.length);
        return evaluate(elements, one() as Scalar, type);
      };
    },
  });
};

/** A function of two arrays; the second is converted to the type of the first. */
const merging = (
  usage: string,
  doc: string,
  merge: (a: List, b: List, type: ArrayType) => List,
): FunctionDefinition =>
  define({
    usage,
    doc,
    takesArray: both,
    resultType: ([a, b]) => typeOr(a!, b!),
    compile: ([a, b]) => {
      const type = typeOr(a!, b!);
      const [left, right] = [listOf(a!, type), listOf(b!, type)];
      return () => {
        const x = left();
        const y = right();
        if (x === null || y === null) return x ?? y;
        spendWork(nameOf(usage), x.length + y.length);
        return merge(x, y, type);
      };
    },
  });

/** NaN is found, as `includes` finds it. */
const isSame = (a: Scalar, b: Scalar): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Where an element stands, counted from `base`; null where it does not. */
const searching = (usage: string, doc: string, base: number): FunctionDefinition =>
  define({
    usage,
    doc,
    takesArray: first,
    resultType: () => 'LONG',
    compile: ([array, element]) => {
      const type = comparable(array!, element!);
      const list = listOf(array!, type);
      const one = coerced(element!, elementType(type)).get;
      return () => {
        const wanted = one() as Scalar;
        const at = list()?.findIndex((element) => isSame(element, wanted)) ?? -1;
        return at < 0 ? null : at + base;
      };
    },
  });

const picking = (usage: string, doc: string, base: number): FunctionDefinition =>
  define({
    usage,
    doc,
    takesArray: first,
    resultType: ([array]) => elementType(arrayOf(array!.type)),
    compile: ([array, index]) =>
      unlessNull(
        [asArray(array!), asInt(index!)],
        (list, i) => (list as List)[(i as number) - base] ?? null,
      ),
  });

function slice(list: List, start: number, end: number): List | null {
  if (start < 0 || start > list.length || start > end) return null;
  if (end - list.length > MAX_ELEMENTS) throw callError('array_slice', `would pad up to ${end}`);
  return Array.from({ length: end - start }, (_, i) => list[start + i] ?? null);
}

function concatenated(a: List, b: List): List {
  const length = a.length + b.length;
  if (length > MAX_ELEMENTS) throw callError('array_concat', `would make ${length} elements`);
  return [...a, ...b];
}

const isArrayOperand = ({ type, multiValue }: Operand): boolean =>
  multiValue || (type !== null && isArrayType(type));

const CONTAINS = define({
  usage: 'array_contains(array, x)',
  doc: '1 where x is an element of the array or, being an array itself, all of its elements are',
  takesArray: both,
  resultType: () => 'LONG',
  compile: ([array, wanted]) => {
    const type = comparable(array!, wanted!);
    const list = listOf(array!, type);
    const all = isArrayOperand(wanted!) ? listOf(wanted!, type) : null;
    const one = coerced(wanted!, elementType(type)).get;
    return () => {
      const elements = list();
      if (elements === null) return null;
      const needed = all === null ? [one() as Scalar] : (all() ?? [null]);
      return Number(needed.every((element) => elements.includes(element)));
    };
  },
});

const IN_ARRAY = define({
  usage: 'scalar_in_array(x, array)',
  doc: '1 where x is an element; otherwise null when the array holds a null, else 0',
  takesArray: second,
  resultType: () => 'LONG',
  compile: ([x, array]) => {
    const type = comparable(array!, x!);
    const list = listOf(array!, type);
    const fixed = array!.isConstant ? new Set(list()) : null;
    const one = coerced(x!, elementType(type)).get;
    return () => {
      const element = one() as Scalar;
      const elements = element === null ? null : list();
      if (elements === null) return null;
      if (fixed === null ? elements.includes(element) : fixed.has(element)) return 1;
      return (fixed === null ? elements.includes(null) : fixed.has(null)) ? null : 0;
    };
  },
});

function arrayType(args: readonly Operand[]): ArrayType {
  const type = commonType(args.map((arg) => arg.type));
  if (type !== null && (isArrayType(type) || isComplexType(type))) {
    throw callError('array', `takes scalars, got ${type}`);
  }
  return arrayOf(type);
}

export const ARRAY_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'array([x], …)',
    doc: 'the arguments as an array of the type that fits them all',
    resultType: arrayType,
    compile: (args) => {
      const element = elementType(arrayType(args));
      const values = args.map((arg) => coerced(arg, element).get);
      return () => values.map((read) => read() as Scalar);
    },
  }),
  define({
    usage: 'array_length(array)',
    doc: 'how many elements',
    takesArray: first,
    resultType: () => 'LONG',
    compile: ([array]) => {
      const list = asArray(array!);
      return () => list()?.length ?? null;
    },
  }),
  picking(
    'array_offset(array, index)',
    'the element at the index, counted from 0; null outside',
    0,
  ),
  picking(
    'array_ordinal(array, index)',
    'the element at the index, counted from 1; null outside',
    1,
  ),
  CONTAINS,
  define({
    usage: 'array_overlap(array, other)',
    doc: '1 where the arrays have an element in common',
    takesArray: both,
    resultType: () => 'LONG',
    compile: ([a, b]) => {
      const type = comparable(a!, b!);
      return unlessNull([listOf(a!, type), listOf(b!, type)], (x, y) =>
        Number((x as List).some((element) => (y as List).includes(element))),
      );
    },
  }),
  searching('array_offset_of(array, x)', 'where x stands, counted from 0; null when nowhere', 0),
  searching('array_ordinal_of(array, x)', 'where x stands, counted from 1; null when nowhere', 1),
  withElement('array_prepend(x, array)', 'the array with x in front', (list, x) => [x, ...list]),
  withElement('array_append(array, x)', 'the array with x behind', (list, x) => [...list, x]),
  merging('array_concat(array, other)', 'the one array behind the other', concatenated),
  withElement('array_set_add(array, x)', 'the elements and x, each once', (list, x, type) =>
    inSetOrder([...list, x], type),
  ),
  merging('array_set_add_all(array, other)', 'the elements of both, each once', (a, b, type) =>
    inSetOrder([...a, ...b], type),
  ),
  define({
    usage: 'array_slice(array, start, [end])',
    doc: 'the elements from start up to but not including end, with nulls behind the last',
    takesArray: first,
    resultType: ([array]) => arrayOf(array!.type),
    compile: ([array, start, end]) =>
      unlessNull(
        [asArray(array!), asInt(start!), ...(end === undefined ? [] : [asInt(end)])],
        (list, from, to) =>
          slice(list as List, from as number, (to ?? (list as List).length) as number),
      ),
  }),
  define({
    usage: 'array_to_string(array, separator)',
    doc: 'the elements as one text; null elements print as null',
    takesArray: first,
    resultType: () => 'STRING',
    compile: ([array, separator]) => {
      const element = elementType(arrayOf(array!.type));
      return unlessNull([asArray(array!), asText(separator!)], (list, text) =>
        (list as List).map((x) => String(scalarText(x, element))).join(text as string),
      );
    },
  }),
  IN_ARRAY,
];
