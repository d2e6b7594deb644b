import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { flagField, readFields, requiredText, shown } from '../../spec/fields.js';
import { type JsonPath, parsePath, valueAt } from './json-path.js';

/** What of nested records becomes a flat field. Druid's `flattenSpec`. */
export interface Flattener {
  /** The flat columns of a batch whose columns hold the records' top-level fields. */
  flatten(
    roots: ReadonlyMap<string, ArrayLike<unknown>>,
    rowCount: number,
  ): ReadonlyMap<string, ArrayLike<unknown>>;
}

const FlattenSpec = z.object({
  useFieldDiscovery: flagField(true),
  fields: z.array(z.unknown(), { error: 'want a list of fields' }).nullish(),
});

const FieldSpec = z.object({
  type: requiredText,
  name: requiredText,
  expr: z.string().nullish(),
  nodes: z.array(z.string()).nullish(),
});

interface Field {
  readonly name: string;
  readonly path: JsonPath;
}

/**
 * Reads a `flattenSpec`, absent too. Fields of type `path`, `root` and `tree`, or bare names, are added
 * to what is discovered: scalars and lists of scalars. Fields of `named` (listed dimensions, inputs of
 * metrics and transforms) are taken whatever they hold, discovered or not.
 */
export function readFlattenSpec(
  json: unknown,
  field: string,
  named: ReadonlySet<string>,
): Flattener {
  const spec = readFields(FlattenSpec, json ?? {}, field);
  const fields = (spec.fields ?? []).map((item, i) => readField(item, `${field}.fields[${i}]`));
  const names = new Set<string>();
  for (const { name } of fields) {
    if (names.has(name)) {
      throw new UserError(
        `${field}.fields: the name ${JSON.stringify(name)} is there twice; rename one`,
        'spec',
        `${field}.fields`,
      );
    }
    names.add(name);
  }
  return new SpecFlattener(spec.useFieldDiscovery, fields, named);
}

function readField(json: unknown, field: string): Field {
  if (typeof json === 'string' && json !== '') return { name: json, path: [json] };
  const { type, name, expr, nodes } = readFields(FieldSpec, json, field);
  if (type === 'root') return { name, path: [expr ?? name] };
  if (type === 'path') return { name, path: parsePath(expr ?? `$.${name}`, `${field}.expr`) };
  if (type === 'tree' && nodes !== null && nodes !== undefined && nodes.length > 0) {
    return { name, path: nodes };
  }
  throw new UserError(
    type === 'tree'
      ? `${field}.nodes: want a list of keys; got ${shown(nodes)}`
      : `${field}.type: ${shown(type)} is ${type === 'jq' ? 'not built yet' : 'unknown'}; use path, root or tree`,
    'spec',
    `${field}.type`,
  );
}

class SpecFlattener implements Flattener {
  constructor(
    private readonly discovers: boolean,
    private readonly fields: readonly Field[],
    private readonly named: ReadonlySet<string>,
  ) {}

  flatten(
    roots: ReadonlyMap<string, ArrayLike<unknown>>,
    rowCount: number,
  ): ReadonlyMap<string, ArrayLike<unknown>> {
    const columns = new Map<string, ArrayLike<unknown>>();
    for (const [name, values] of roots) {
      if (this.named.has(name)) columns.set(name, isNested(values) ? cleaned(values) : values);
      else if (this.discovers) {
        const listable = isNested(values) ? listableOnly(values) : values;
        if (listable !== null) columns.set(name, listable);
      }
    }
    for (const { name, path } of this.fields) {
      const values = roots.get(path[0] as string);
      if (values !== undefined) columns.set(name, extracted(values, path, rowCount));
      else columns.delete(name);
    }
    return columns;
  }
}

/** Typed arrays and columns of scalars need no second look. */
function isNested(values: ArrayLike<unknown>): boolean {
  if (!Array.isArray(values)) return false;
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === 'object' && value !== null && !isScalar(value)) return true;
  }
  return false;
}

const isScalar = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array;

const isListable = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isScalar) : isScalar(value);

/** The column without nested values; null when nothing is left. */
function listableOnly(values: ArrayLike<unknown>): unknown[] | null {
  const kept = Array.from(values, (value) => (isListable(value) ? withoutNulls(value) : undefined));
  return kept.some((value) => value !== undefined && value !== null) ? kept : null;
}

const cleaned = (values: ArrayLike<unknown>): unknown[] => Array.from(values, withoutNulls);

function extracted(values: ArrayLike<unknown>, path: JsonPath, rowCount: number): unknown[] {
  const column = new Array<unknown>(rowCount);
  for (let row = 0; row < rowCount; row++) {
    column[row] = withoutNulls(valueAt(values[row], path, 1));
  }
  return column;
}

/** Lists lose their nulls, as Druid's flattener does it. */
function withoutNulls(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.some((element) => element === null || element === undefined)
    ? value.filter((element) => element !== null && element !== undefined)
    : value;
}

