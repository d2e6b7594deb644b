import type { Rex } from '../algebra/rex.js';
import { arrayOf, elementOf, type SqlType } from '../algebra/types.js';
import { type ScalarFunction, scalar } from './definition.js';

/** The array type of the argument at `index`; a multi-value string counts as an array of strings. */
const arrayAt =
  (index: number) =>
  (args: readonly Rex[]): SqlType =>
    arrayOf(elementOf(args[index]!.type));

const elementAt =
  (index: number) =>
  (args: readonly Rex[]): SqlType =>
    elementOf(args[index]!.type);

interface Form {
  readonly name: string;
  readonly takes: string;
  readonly native: string;
  readonly array: ScalarFunction['result'] | SqlType;
  readonly multiValue: SqlType;
  readonly doc: string;
}

/** Functions that exist twice: ARRAY_x on arrays, MV_x on multi-value strings. */
const FORMS: readonly Form[] = [
  {
    name: 'LENGTH',
    takes: 'array',
    native: 'array_length',
    array: 'BIGINT',
    multiValue: 'BIGINT',
    doc: 'How many elements.',
  },
  {
    name: 'OFFSET',
    takes: 'array integer',
    native: 'array_offset',
    array: elementAt(0),
    multiValue: 'VARCHAR',
    doc: 'The element at a place counted from 0.',
  },
  {
    name: 'ORDINAL',
    takes: 'array integer',
    native: 'array_ordinal',
    array: elementAt(0),
    multiValue: 'VARCHAR',
    doc: 'The element at a place counted from 1.',
  },
  {
    name: 'CONTAINS',
    takes: 'array any',
    native: 'array_contains',
    array: 'BOOLEAN',
    multiValue: 'BOOLEAN',
    doc: 'Whether the element, or every element of the array, is in it.',
  },
  {
    name: 'OVERLAP',
    takes: 'array array',
    native: 'array_overlap',
    array: 'BOOLEAN',
    multiValue: 'BOOLEAN',
    doc: 'Whether they share an element.',
  },
  {
    name: 'OFFSET_OF',
    takes: 'array any',
    native: 'array_offset_of',
    array: 'BIGINT',
    multiValue: 'BIGINT',
    doc: 'Place of the element counted from 0, or NULL.',
  },
  {
    name: 'ORDINAL_OF',
    takes: 'array any',
    native: 'array_ordinal_of',
    array: 'BIGINT',
    multiValue: 'BIGINT',
    doc: 'Place of the element counted from 1, or NULL.',
  },
  {
    name: 'PREPEND',
    takes: 'any array',
    native: 'array_prepend',
    array: arrayAt(1),
    multiValue: 'VARCHAR',
    doc: 'The array with the element before it.',
  },
  {
    name: 'APPEND',
    takes: 'array any',
    native: 'array_append',
    array: arrayAt(0),
    multiValue: 'VARCHAR',
    doc: 'The array with the element behind it.',
  },
  {
    name: 'CONCAT',
    takes: 'array array*',
    native: 'array_concat',
    array: arrayAt(0),
    multiValue: 'VARCHAR',
    doc: 'One behind the other.',
  },
  {
    name: 'SLICE',
    takes: 'array integer integer?',
    native: 'array_slice',
    array: arrayAt(0),
    multiValue: 'VARCHAR',
    doc: 'The elements from start to end, end excluded, counted from 0.',
  },
  {
    name: 'TO_STRING',
    takes: 'array string',
    native: 'array_to_string',
    array: 'VARCHAR',
    multiValue: 'VARCHAR',
    doc: 'The elements with a separator between.',
  },
];

const mv = (name: string, takes: string, native: string, doc: string) =>
  scalar(name, takes, 'VARCHAR', native, doc);

export const ARRAYS: readonly ScalarFunction[] = [
  ...FORMS.flatMap(({ name, takes, native, array, multiValue, doc }) => [
    scalar(`ARRAY_${name}`, takes, array, native, doc),
    scalar(`MV_${name}`, takes, multiValue, native, doc),
  ]),
  scalar(
    'SCALAR_IN_ARRAY',
    'any array',
    'BOOLEAN',
    'scalar_in_array',
    'Whether the value is an element.',
  ),
  scalar(
    'STRING_TO_ARRAY',
    'string string!',
    'VARCHAR ARRAY',
    'string_to_array',
    'The parts between matches of a Java pattern.',
  ),
  mv(
    'STRING_TO_MV',
    'string string!',
    'string_to_array',
    'The parts between matches of a Java pattern, as a multi-value string.',
  ),
  mv('ARRAY_TO_MV', 'array', 'array_to_mv', 'The array as a multi-value string.'),
  scalar(
    'MV_TO_ARRAY',
    'array',
    'VARCHAR ARRAY',
    'mv_to_array',
    'The multi-value string as an array.',
  ),
  mv('MV_FILTER_ONLY', 'array array', 'mv_filter_only', 'Only the listed values.'),
  mv('MV_FILTER_NONE', 'array array', 'mv_filter_none', 'All but the listed values.'),
  mv(
    'MV_FILTER_REGEX',
    'array string!',
    'mv_filter_regex',
    'Only values in which the pattern is found.',
  ),
  mv('MV_FILTER_PREFIX', 'array string!', 'mv_filter_prefix', 'Only values with the prefix.'),
];
