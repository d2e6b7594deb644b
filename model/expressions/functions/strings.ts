import { LONG_MAX, LONG_MIN, type Long, toLong, utf8Decode } from '../../../core/index.js';
import { likeMatcher } from '../../like.js';
import { asText } from '../coerce.js';
import {
  callError,
  define,
  type FunctionDefinition,
  literalText,
  nameOf,
  neededText,
  strict,
  unlessNull,
} from './definition.js';
import { formatJava } from './java-format.js';
import { checkLength, MAX_LENGTH } from './text-length.js';

/** Text. Positions and lengths are counted in UTF-16 units, positions from 0. */

const ofText = (
  usage: string,
  doc: string,
  evaluate: (text: string) => string,
): FunctionDefinition => strict({ usage, doc, parameters: ['text'], result: 'STRING', evaluate });

const padding = (
  usage: string,
  doc: string,
  pad: (text: string, length: number, filling: string) => string,
): FunctionDefinition =>
  strict({
    usage,
    doc,
    parameters: ['text', 'int', 'text'],
    result: 'STRING',
    evaluate: (text, length, filling) => {
      if (length === 0) return null;
      if (length < 0) return '';
      checkLength(nameOf(usage), length);
      return pad(text, length, filling).slice(0, length);
    },
  });

/** A prefix or suffix of some length. */
const part = (usage: string, doc: string, cut: (text: string, length: number) => string) =>
  strict({
    usage,
    doc,
    parameters: ['text', 'int'],
    result: 'STRING',
    evaluate: (text, length) => {
      if (length < 0) throw callError(nameOf(usage), `needs a length of 0 or more, got ${length}`);
      return cut(text, length);
    },
  });

const trimming = (
  usage: string,
  doc: string,
  atStart: boolean,
  atEnd: boolean,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => 'STRING',
    compile: (args) => {
      const name = nameOf(usage);
      const chars = args.length < 2 ? ' ' : literalText(name, args, 1, 'the characters');
      if (chars === null) return () => null;
      return unlessNull([asText(args[0]!)], (text) => trim(text as string, chars, atStart, atEnd));
    },
  });

function trim(text: string, chars: string, atStart: boolean, atEnd: boolean): string {
  let start = 0;
  let end = text.length;
  if (atStart) while (start < end && chars.includes(text[start]!)) start++;
  if (atEnd) while (end > start && chars.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

const containing = (
  usage: string,
  doc: string,
  fold: (text: string) => string,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => 'LONG',
    compile: (args) => {
      const wanted = fold(neededText(nameOf(usage), args, 1, 'the text to look for'));
      return unlessNull([asText(args[0]!)], (text) =>
        Number(fold(text as string).includes(wanted)),
      );
    },
  });

/** The Long written in a radix; null when the text is no such number or does not fit. */
function parseLongText(text: string, radix: number): Long | null {
  if (radix < 2 || radix > 36)
    throw callError('parse_long', `needs a radix of 2 to 36, got ${radix}`);
  const digits = radix === 16 ? text.replace(/^([+-]?)0x/i, '$1') : text;
  const match = /^([+-]?)([0-9a-z]{1,80})$/i.exec(digits);
  if (match === null) return null;
  let value = 0n;
  for (const character of match[2]!) {
    const digit = Number.parseInt(character, 36);
    if (digit >= radix) return null;
    value = value * BigInt(radix) + BigInt(digit);
  }
  if (match[1] === '-') value = -value;
  return value < LONG_MIN || value > LONG_MAX ? null : toLong(value);
}

function decodeBase64(text: string): string | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) return null;
  return utf8Decode(Buffer.from(text, 'base64'));
}

function concatenated(...texts: readonly unknown[]): string {
  const length = texts.reduce((sum: number, text) => sum + (text as string).length, 0);
  checkLength('concat', length);
  return texts.join('');
}

export const STRING_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'concat([text], …)',
    doc: 'the texts one after the other; null when any is null',
    resultType: (args) => (args.length === 0 ? null : 'STRING'),
    compile: (args) =>
      args.length === 0 ? () => null : unlessNull(args.map(asText), concatenated),
  }),
  define({
    usage: 'format(pattern, [value], …)',
    doc: "Java's String.format; nulls print as null",
    resultType: () => 'STRING',
    compile: ([pattern, ...args]) =>
      unlessNull([asText(pattern!)], (text) => formatJava(text as string, args)),
  }),
  define({
    usage: 'like(text, pattern, [escape])',
    doc: '1 where the whole text matches the pattern: % is any run of characters, _ any one',
    resultType: () => 'LONG',
    compile: (args) => {
      const escapeCharacter = literalText('like', args, 2, 'the escape character');
      if (escapeCharacter !== null && escapeCharacter.length !== 1) {
        throw callError(
          'like',
          `needs an escape of one character, got ${JSON.stringify(escapeCharacter)}`,
        );
      }
      const matches = likeMatcher(neededText('like', args, 1, 'the pattern'), escapeCharacter);
      return unlessNull([asText(args[0]!)], (text) => Number(matches(text as string)));
    },
  }),
  strict({
    usage: 'substring(text, index, length)',
    doc: 'up to length characters from index on, all of them when length is negative; null behind the end',
    parameters: ['text', 'int', 'int'],
    result: 'STRING',
    evaluate: (text, index, length) => {
      if (index < 0) throw callError('substring', `needs an index of 0 or more, got ${index}`);
      if (index >= text.length) return null;
      return text.slice(index, length < 0 ? undefined : index + length);
    },
  }),
  part('left(text, length)', 'the first characters', (text, length) => text.slice(0, length)),
  part('right(text, length)', 'the last characters', (text, length) =>
    length === 0 ? '' : text.slice(-length),
  ),
  strict({
    usage: 'strlen(text)',
    doc: 'the length in UTF-16 units',
    parameters: ['text'],
    result: 'LONG',
    evaluate: (text) => text.length,
  }),
  strict({
    usage: 'strpos(text, needle, [from])',
    doc: 'where needle first stands in text at or behind from, counted from 0; -1 when nowhere',
    parameters: ['text', 'text', 'int?'],
    result: 'LONG',
    evaluate: (text, needle, from = 0) => text.indexOf(needle, from),
  }),
  strict({
    usage: 'replace(text, from, to)',
    doc: 'every from in text replaced',
    parameters: ['text', 'text', 'text'],
    result: 'STRING',
    evaluate: (text, from, to) => {
      const growth = to.length - from.length;
      if (growth > 0 && (text.length + 1) * growth > MAX_LENGTH) {
        checkLength('replace', text.length + (text.split(from).length + 1) * growth);
      }
      return text.replaceAll(from, () => to);
    },
  }),
  containing('contains_string(text, needle)', '1 where needle stands in text', (text) => text),
  containing('icontains_string(text, needle)', 'contains_string for any case', (text) =>
    text.toLowerCase(),
  ),
  trimming(
    'trim(text, [chars])',
    'without any of the characters (a blank by default) at both ends',
    true,
    true,
  ),
  trimming('ltrim(text, [chars])', 'trim at the start only', true, false),
  trimming('rtrim(text, [chars])', 'trim at the end only', false, true),
  ofText('lower(text)', 'in lower case', (text) => text.toLowerCase()),
  ofText('upper(text)', 'in upper case', (text) => text.toUpperCase()),
  ofText('reverse(text)', 'backwards', (text) => [...text].reverse().join('')),
  strict({
    usage: 'repeat(text, count)',
    doc: 'the text so many times; null for a count of 0 or less',
    parameters: ['text', 'int'],
    result: 'STRING',
    evaluate: (text, count) => {
      if (count <= 0) return null;
      checkLength('repeat', text.length * count);
      return text.repeat(count);
    },
  }),
  padding(
    'lpad(text, length, chars)',
    'filled up at the start with chars, or cut, to the length',
    (text, length, chars) => text.padStart(length, chars),
  ),
  padding(
    'rpad(text, length, chars)',
    'filled up at the end with chars, or cut, to the length',
    (text, length, chars) => text.padEnd(length, chars),
  ),
  strict({
    usage: 'parse_long(text, [radix])',
    doc: 'the LONG that the text writes in the radix (10 by default); null when it writes none',
    parameters: ['text', 'int?'],
    result: 'LONG',
    evaluate: (text, radix = 10) => parseLongText(text, radix),
  }),
  strict({
    usage: 'decode_base64_utf8(text)',
    doc: 'the text in a base64 text; null when it is none',
    parameters: ['text'],
    result: 'STRING',
    evaluate: decodeBase64,
  }),
];
