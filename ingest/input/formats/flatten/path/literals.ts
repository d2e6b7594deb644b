import { parseJson, UserError } from '../../../../../core/index.js';
import { type JavaRegex, wholeJavaRegex } from '../../../../../model/index.js';
import type { TextCursor } from '../text-cursor.js';

const LITERAL = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const REGEX = /\/((?:[^/\\]|\\.)*)\/([a-z]*)/y;
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y;
/** A list in JSON, also with single quotes, without lists in it. */
const LIST = /\[(?:[^[\]'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\]/y;

/** A number, a word, a text in quotes or a list. */
export function parseLiteral(cursor: TextCursor): unknown {
  const { next } = cursor;
  if (next === "'" || next === '"') return readQuoted(cursor);
  const [text] = cursor.match(next === '[' ? LIST : LITERAL) ?? [];
  if (text === undefined) throw cursor.fail('want a path, a number, a text in quotes or a list');
  return readLiteral(text, cursor);
}

/** A number, a word or a list, as JSON but for single quotes. */
function readLiteral(text: string, cursor: TextCursor): unknown {
  try {
    return parseJson(text.replace(/'((?:[^'\\]|\\.)*)'/g, (_, inner) => JSON.stringify(inner)));
  } catch (error) {
    throw error instanceof UserError ? cursor.fail('the list is not JSON') : error;
  }
}

/** A text in single or double quotes. */
export function readQuoted(cursor: TextCursor): string {
  const found = cursor.match(QUOTED);
  if (found === null) throw cursor.fail('want a text in quotes');
  return (found[1] ?? found[2] ?? '').replace(/\\(.)/gs, '$1');
}

/** `/pattern/options`; it matches a text as a whole, as Jayway does. */
export function readRegex(cursor: TextCursor): JavaRegex {
  const found = cursor.match(REGEX);
  if (found === null) throw cursor.fail('the regular expression does not end');
  const [, pattern = '', options = ''] = found;
  const inline = /^[ismx]*$/.test(options) ? options : null;
  if (inline === null) throw cursor.fail(`the options ${JSON.stringify(options)} are not known`);
  try {
    return wholeJavaRegex(inline === '' ? pattern : `(?${inline})${pattern}`, '');
  } catch (error) {
    throw error instanceof UserError ? cursor.fail(error.message.replace(/^: /, '')) : error;
  }
}
