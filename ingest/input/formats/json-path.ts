import { isJsonObject, UserError } from '../../../core/index.js';

/** Keys of objects and indexes of lists, from the record down; not empty. */
export type JsonPath = readonly (string | number)[];

const STEP =
  /\.([^.[\]'"*()?@\s]+)|\[\s*(-?\d+)\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]/y;

/** Reads `$.a.b[0]['c d']`. Throws UserError naming `field` for the rest of JSONPath. */
export function parsePath(text: string, field: string): JsonPath {
  const steps: (string | number)[] = [];
  const step = new RegExp(STEP);
  step.lastIndex = 1;
  while (text.startsWith('$') && step.lastIndex < text.length) {
    const at = step.lastIndex;
    const match = step.exec(text);
    if (match === null) throw unreadable(text, at, field);
    const [, name, index, single, double] = match;
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push((single ?? double ?? '').replace(/\\(.)/g, '$1'));
  }
  if (typeof steps[0] !== 'string') throw unreadable(text, 0, field);
  return steps;
}

function unreadable(text: string, at: number, field: string): UserError {
  return new UserError(
    `${field}: ${JSON.stringify(text)} cannot be read at character ${at + 1}; use keys and indexes such as $.a.b[0]['c'] (wildcards, filters, '..' and functions are not built yet)`,
    'spec',
    field,
  );
}

/** What lies at the steps of `path` from `from` on, below `value`; undefined where there is nothing. */
export function valueAt(value: unknown, path: JsonPath, from: number): unknown {
  let at = value;
  for (let i = from; i < path.length; i++) {
    const step = path[i]!;
    if (typeof step === 'number') {
      if (!Array.isArray(at)) return undefined;
      at = at.at(step);
    } else {
      if (!isJsonObject(at) || !Object.hasOwn(at, step)) return undefined;
      at = at[step];
    }
  }
  return at;
}
