import { isJsonObject, UserError } from '../../core/index.js';

/** Gives the fields of a nested record, one by one. */
export type Flatten = (
  record: Readonly<Record<string, unknown>>,
  field: (name: string, value: unknown) => void,
) => void;

/** Without a flattenSpec: every top-level field, nested ones as they are. */
export const flattenAll: Flatten = (record, field) => {
  for (const name of Object.keys(record)) field(name, record[name]);
};

export interface FlattenField {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/**
 * A flattenSpec: the listed fields, and, with `useFieldDiscovery`, all top-level fields beside them.
 */
export function flattenBy(fields: readonly FlattenField[], useFieldDiscovery: boolean): Flatten {
  return (record, field) => {
    if (useFieldDiscovery) flattenAll(record, field);
    for (const { name, path } of fields) field(name, valueAt(record, path));
  };
}

function valueAt(record: unknown, path: readonly (string | number)[]): unknown {
  let at = record;
  for (const step of path) {
    if (typeof step === 'string')
      at = isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
    else at = Array.isArray(at) ? at.at(step) : undefined;
  }
  return at;
}

const STEP = /\.([A-Za-z_$][\w$-]*)|\['((?:[^'\\]|\\.)*)'\]|\[(-?\d+)\]/y;

/** Reads the JSONPath subset `$`, `.name`, `['name']`, `[n]`. Throws UserError naming `field` for more. */
export function parsePath(text: string, field: string): (string | number)[] {
  const path: (string | number)[] = [];
  STEP.lastIndex = text.startsWith('$') ? 1 : -1;
  while (STEP.lastIndex >= 0 && STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) break;
    const [, name, quoted, index] = match;
    path.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
    if (STEP.lastIndex === text.length) return path;
  }
  if (text === '$') return path;
  throw new UserError(
    `${field}: the path ${text} is not understood; paths are made of $, .name, ['name'] and [n]`,
    'spec',
    field,
  );
}
