import { literal } from '../algebra/rex.js';
import { callOf, macro, type ScalarFunction, scalar } from './definition.js';
import { CONCATENATE } from './operators.js';

const LENGTH_DOC = 'Length in UTF-16 units.';
const text = (name: string, takes: string, native: string, doc: string) =>
  scalar(name, takes, 'VARCHAR', native, doc);

const SPACE = "' '";

/** SQL counts from 1, the expression language from 0. */
function substringText([s, start, length]: readonly string[]): string {
  const index = /^\d+$/.test(start!) ? String(Math.max(Number(start) - 1, 0)) : `(${start} - 1)`;
  return `substring(${s}, ${index}, ${length ?? '-1'})`;
}

const SUBSTRING = scalar(
  'SUBSTRING',
  'string integer integer?',
  'VARCHAR',
  substringText,
  'The part from a place (counted from 1) on.',
);
const STRPOS = scalar(
  'STRPOS',
  'string string',
  'BIGINT',
  ([s, part]) => `(strpos(${s}, ${part}) + 1)`,
  'Place of a part, counted from 1; 0 when absent.',
);
const POSITION = scalar(
  'POSITION',
  'string string integer?',
  'BIGINT',
  ([part, s, from]) =>
    from === undefined
      ? `(strpos(${s}, ${part}) + 1)`
      : `(strpos(${s}, ${part}, (${from} - 1)) + 1)`,
  'POSITION(part IN text FROM start): the place, counted from 1; 0 when absent.',
);

const trim = (name: string, native: string, doc: string) =>
  scalar(
    name,
    'string string?!',
    'VARCHAR',
    ([s, chars]) => `${native}(${s}, ${chars ?? SPACE})`,
    doc,
  );

const pad = (name: string, native: string, doc: string) =>
  scalar(
    name,
    'string integer string?',
    'VARCHAR',
    ([s, length, chars]) => `${native}(${s}, ${length}, ${chars ?? SPACE})`,
    doc,
  );

const length = (name: string) => scalar(name, 'string', 'BIGINT', 'strlen', LENGTH_DOC);

export const REGEXP_LIKE = scalar(
  'REGEXP_LIKE',
  'string string!',
  'BOOLEAN',
  'regexp_like',
  'Whether a Java pattern is found.',
);
export const CONTAINS_STRING = scalar(
  'CONTAINS_STRING',
  'string string!',
  'BOOLEAN',
  'contains_string',
  'Whether the part occurs.',
);
export const ICONTAINS_STRING = scalar(
  'ICONTAINS_STRING',
  'string string!',
  'BOOLEAN',
  'icontains_string',
  'Whether the part occurs, ignoring case.',
);

export const TEXT_MATCH = scalar(
  'TEXT_MATCH',
  'string string!',
  'BOOLEAN',
  'text_match',
  'Whether the text has the words of a search: word, word*, "several words", AND, OR, NOT, brackets.',
);

export const STRINGS: readonly ScalarFunction[] = [
  text('CONCAT', 'string string*', 'concat', 'Joins texts; NULL if any is NULL.'),
  macro(
    'TEXTCAT',
    'string string',
    (args, _, at) => callOf(CONCATENATE, args, at),
    'Joins two texts.',
  ),
  length('LENGTH'),
  length('CHAR_LENGTH'),
  length('CHARACTER_LENGTH'),
  length('STRLEN'),
  text('LOWER', 'string', 'lower', 'Small letters.'),
  text('UPPER', 'string', 'upper', 'Capitals.'),
  text(
    'LOOKUP',
    'string string! string?!',
    'lookup',
    'What the lookup of this name has for the text, else the third argument.',
  ),
  text('REVERSE', 'string', 'reverse', 'Last letter first.'),
  text('REPEAT', 'string integer', 'repeat', 'The text n times.'),
  text('REPLACE', 'string string string', 'replace', 'Every occurrence replaced.'),
  SUBSTRING,
  macro(
    'SUBSTR',
    'string integer integer?',
    (args, _, at) => callOf(SUBSTRING, args, at),
    'The same as SUBSTRING.',
  ),
  text('LEFT', 'string integer', 'left', 'The first n letters.'),
  text('RIGHT', 'string integer', 'right', 'The last n letters.'),
  STRPOS,
  POSITION,
  trim('BTRIM', 'trim', 'Takes the characters off both ends.'),
  trim('LTRIM', 'ltrim', 'Takes the characters off the start.'),
  trim('RTRIM', 'rtrim', 'Takes the characters off the end.'),
  pad('LPAD', 'lpad', 'Fills or cuts at the left to n letters.'),
  pad('RPAD', 'rpad', 'Fills or cuts at the right to n letters.'),
  CONTAINS_STRING,
  ICONTAINS_STRING,
  TEXT_MATCH,
  REGEXP_LIKE,
  macro(
    'REGEXP_EXTRACT',
    'string string! integer?!',
    ([s, pattern, group], _, at) =>
      callOf(REGEXP_EXTRACT, [s!, pattern!, group ?? literal('BIGINT', 0, at)], at),
    'The first match, or a group of it.',
  ),
  text(
    'REGEXP_REPLACE',
    'string string string',
    'regexp_replace',
    'Every match replaced; $1 is a group.',
  ),
  text('STRING_FORMAT', 'string any*', 'format', "Java's String.format."),
  scalar(
    'PARSE_LONG',
    'string integer?',
    'BIGINT',
    'parse_long',
    'The number written in a radix; NULL when it is none.',
  ),
  text('DECODE_BASE64_UTF8', 'string', 'decode_base64_utf8', 'Base64 to text.'),
];

const REGEXP_EXTRACT = scalar(
  'REGEXP_EXTRACT',
  'string string! integer!',
  'VARCHAR',
  'regexp_extract',
  '',
);
