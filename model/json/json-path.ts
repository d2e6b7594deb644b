import { UserError } from '../../core/index.js';

/** Keys of objects and positions in lists, from the value down; a position below 0 counts from the end. */
export type JsonPath = readonly (string | number)[];

const STEP =
  /\.([^.[\]*()]+)|\[\s*(-?\d{1,9})\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]/suy;

/** Reads JSONPath as far as it names one place: `$`, `$.a.b[0]['c d']`. Throws UserError that names `field`. */
export function parseJsonPath(text: string, field: string): JsonPath {
  if (!text.startsWith('$')) throw unreadable(text, 0, field, '$.a.b[0]');
  return readSteps(text, 1, STEP, field, "$.a.b[0]['c d']");
}

const JQ_STEP =
  /\.([A-Za-z_]\w*)|\.?\[\s*(-?\d{1,9})\s*\]|\.?\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\."((?:[^"\\]|\\.)*)"/suy;

/** Reads jq likewise: `.`, `.a.b[0]["c d"]`. */
export function parseJqPath(text: string, field: string): JsonPath {
  if (!text.startsWith('.')) throw unreadable(text, 0, field, '.a.b[0]');
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
  const step = new RegExp(pattern);
  step.lastIndex = start;
  while (step.lastIndex < text.length) {
    const at = step.lastIndex;
    const match = step.exec(text);
    if (match === null) throw unreadable(text, at, field, example);
    const [, name, index, single, double] = match;
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index) + 0);
    else path.push((single ?? double ?? '').replace(/\\(.)/gsu, '$1'));
  }
  return path;
}

const unreadable = (text: string, at: number, field: string, example: string): UserError =>
  new UserError(
    `${field}: the path ${JSON.stringify(text)} cannot be read at character ${at + 1}; name one place, such as ${example} (there are no wildcards, filters and functions)`,
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
