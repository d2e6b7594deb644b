import { UserError } from '../../core/index.js';

/** Keys of objects and positions in lists, from the value down; a position below 0 counts from the end. */
export type JsonPath = readonly (string | number)[];

/** Keys of objects, and null for any element of a list. */
export type JsonPattern = readonly (string | null)[];

const STEP =
  /\.([^.[\]*()]+)|\[\s*(-?\d{1,9})\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]/suy;

/** Reads JSONPath as far as it names one place: `$`, `$.a.b[0]['c d']`. Throws UserError that names `field`. */
export function parseJsonPath(text: string, field: string): JsonPath {
  if (!text.startsWith('$')) throw unreadable(text, 0, field, onePlace('$.a.b[0]'));
  return readSteps(text, 1, STEP, field, "$.a.b[0]['c d']");
}

const ANY = /\[\s*\*\s*\]/uy;

/** Reads JSONPath of names and wildcards: `$.items[*].sku`. Throws likewise. */
export function parseJsonPattern(text: string, field: string): JsonPattern {
  const want = 'name members and any elements of lists, such as $.items[*].sku';
  if (!text.startsWith('$')) throw unreadable(text, 0, field, want);
  const pattern: (string | null)[] = [];
  for (let at = 1; at < text.length; ) {
    const isAny = matchAt(ANY, text, at);
    const match = isAny ?? matchAt(STEP, text, at);
    const name = match && isAny === null ? nameIn(match) : null;
    if (match === null || typeof name === 'number') throw unreadable(text, at, field, want);
    pattern.push(name);
    at += match[0].length;
  }
  return pattern;
}

const JQ_STEP =
  /\.([A-Za-z_]\w*)|\.?\[\s*(-?\d{1,9})\s*\]|\.?\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\."((?:[^"\\]|\\.)*)"/suy;

/** Reads jq likewise: `.`, `.a.b[0]["c d"]`. */
export function parseJqPath(text: string, field: string): JsonPath {
  if (!text.startsWith('.')) throw unreadable(text, 0, field, onePlace('.a.b[0]'));
  return text === '.' ? [] : readSteps(text, 0, JQ_STEP, field, '.a.b[0]["c d"]');
}

function readSteps(
  text: string,
  start: number,
  pattern: RegExp,
  field: string,
  example: string,
): JsonPath {
  const path: (string | number)[] = [];
  for (let at = start; at < text.length; ) {
    const match = matchAt(pattern, text, at);
    if (match === null) throw unreadable(text, at, field, onePlace(example));
    path.push(nameIn(match));
    at += match[0].length;
  }
  return path;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The key or position that a step has. */
function nameIn([, name, index, single, double]: RegExpExecArray): string | number {
  if (name !== undefined) return name;
  return index === undefined
    ? (single ?? double ?? '').replace(/\\(.)/gsu, '$1')
    : Number(index) + 0;
}

const onePlace = (example: string): string =>
  `name one place, such as ${example} (there are no wildcards, filters and functions)`;

const unreadable = (text: string, at: number, field: string, want: string): UserError =>
  new UserError(
    `${field}: the path ${JSON.stringify(text)} cannot be read at character ${at + 1}; ${want}`,
    'query',
    field,
  );

/** A key that needs no quotes. */
const PLAIN_KEY = /^[^.[\]*()'"\\]+$/su;

/** The path as text; `parseJsonPath` reads it back, and two paths never share one. */
export function jsonPathText(path: JsonPath): string {
  let text = '$';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (PLAIN_KEY.test(part)) text += `.${part}`;
    else text += `['${part.replace(/['\\]/gu, '\\$&')}']`;
  }
  return text;
}
