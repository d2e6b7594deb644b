import { type JavaRegex, javaRegex } from '../../regex/java-regex.js';
import type { Scalar } from '../../types.js';
import { asArray, asText, coerced } from '../coerce.js';
import type { Operand } from '../operand.js';
import { define, type FunctionDefinition, neededText, unlessNull } from './definition.js';

/** Between texts and lists of texts: splitting, multi-value cells and arrays, and keeping some values of a cell. */

type List = readonly Scalar[];
type Keep = (element: string | null) => boolean;

const first = (index: number): boolean => index === 0;

const textsOf = (arg: Operand) => asArray(coerced(arg, 'ARRAY<STRING>'));

/** Keeps the values of a cell that a test holds for. */
const filtering = (
  usage: string,
  doc: string,
  takesArray: (index: number) => boolean,
  keepOf: (args: readonly Operand[]) => () => Keep | null,
): FunctionDefinition =>
  define({
    usage,
    doc,
    takesArray,
    multiValueResult: true,
    resultType: () => 'ARRAY<STRING>',
    compile: (args) =>
      unlessNull([textsOf(args[0]!), keepOf(args)], (list, keep) =>
        (list as List).filter((element) => (keep as Keep)(element as string | null)),
      ),
  });

/** Whether an element is in the second argument, an array. */
const membership =
  (wanted: boolean) =>
  (args: readonly Operand[]): (() => Keep | null) => {
    const list = textsOf(args[1]!);
    return () => {
      const members = list();
      return members === null ? null : (element) => members.includes(element) === wanted;
    };
  };

/** Java's String.split: the pieces between matches, without empty ones at the end. */
function split(text: string, regex: JavaRegex): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const match of regex.matches(text)) {
    const end = match.index + match[0].length;
    // An empty match at the start splits nothing off.
    if (end === 0 || (match[0] === '' && match.index >= text.length)) continue;
    pieces.push(text.slice(start, match.index));
    start = end;
  }
  if (pieces.length === 0) return [text];
  pieces.push(text.slice(start));
  while (pieces[pieces.length - 1] === '') pieces.pop();
  return pieces;
}

export const MULTI_VALUE_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'string_to_array(text, pattern)',
    doc: 'the pieces of the text between what the pattern matches',
    resultType: () => 'ARRAY<STRING>',
    compile: (args) => {
      const pattern = neededText('string_to_array', args, 1, 'the pattern');
      const regex = javaRegex(pattern, 'Function[string_to_array]');
      return unlessNull([asText(args[0]!)], (text) => split(text as string, regex));
    },
  }),
  define({
    usage: 'array_to_mv(array)',
    doc: 'the array as a multi-value text',
    takesArray: first,
    multiValueResult: true,
    resultType: () => 'ARRAY<STRING>',
    compile: ([array]) => textsOf(array!),
  }),
  define({
    usage: 'mv_to_array(x)',
    doc: 'the multi-value text as an array',
    takesArray: first,
    resultType: () => 'ARRAY<STRING>',
    compile: ([x]) => textsOf(x!),
  }),
  define({
    usage: 'mv_harmonize_nulls(x)',
    doc: 'null and the empty list as a list of one null',
    takesArray: first,
    multiValueResult: true,
    resultType: () => 'ARRAY<STRING>',
    compile: ([x]) => {
      const list = textsOf(x!);
      return () => {
        const elements = list();
        return elements === null || elements.length === 0 ? [null] : elements;
      };
    },
  }),
  filtering(
    'mv_filter_only(x, array)',
    'the values that are in the array',
    (index) => index <= 1,
    membership(true),
  ),
  filtering(
    'mv_filter_none(x, array)',
    'the values that are not in the array',
    (index) => index <= 1,
    membership(false),
  ),
  filtering(
    'mv_filter_regex(x, pattern)',
    'the values in which the pattern finds something',
    first,
    (args) => {
      const regex = javaRegex(
        neededText('mv_filter_regex', args, 1, 'the pattern'),
        'Function[mv_filter_regex]',
      );
      const keep: Keep = (element) => element !== null && regex.test(element);
      return () => keep;
    },
  ),
  filtering(
    'mv_filter_prefix(x, prefix)',
    'the values that begin with the prefix',
    first,
    (args) => {
      const prefix = neededText('mv_filter_prefix', args, 1, 'the prefix');
      const keep: Keep = (element) => element?.startsWith(prefix) ?? false;
      return () => keep;
    },
  ),
];
