import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { flagField, jsonField, readFields, requiredText, shown } from '../../spec/fields.js';
import { type BatchColumn, valuesOf } from '../batch.js';
import { TokenColumn } from '../ndjson/token-column.js';
import { type JsonPath, parsePath, valueAt } from './json-path.js';

/** Fields by name, an entry per record. */
export type Columns = ReadonlyMap<string, BatchColumn>;

/** Makes flat fields out of the records' top-level fields, which may hold objects. */
export type Flatten = (roots: Columns) => Columns;

const FlattenSpec = z.object({
  useFieldDiscovery: flagField(true),
  fields: z.array(jsonField, { error: 'want a list of fields' }).nullish(),
});

const FieldSpec = z.object({
  type: requiredText,
  name: requiredText,
  expr: z.string({ error: 'want a text' }).nullish(),
  nodes: z.array(requiredText, { error: 'want a list of keys' }).nullish(),
});

interface FlattenField {
  readonly name: string;
  readonly path: JsonPath;
}

/**
 * Reads a `flattenSpec`, absent too: its fields, and beside them all top-level fields, or, without
 * `useFieldDiscovery`, those of `named`, which the spec reads by their names. (Nested values among
 * them are kept; discovery of dimensions passes them over.) Lists lose their nulls, as in Druid.
 */
export function readFlattenSpec(json: unknown, field: string, named: ReadonlySet<string>): Flatten {
  const spec = readFields(FlattenSpec, json ?? {}, field);
  const fields = (spec.fields ?? []).map((item, i) => readField(item, `${field}.fields[${i}]`));
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UserError(
      `${field}.fields: the name ${JSON.stringify(twice)} stands twice; rename one`,
      'spec',
      `${field}.fields`,
    );
  }
  const isTaken = spec.useFieldDiscovery ? () => true : (name: string) => named.has(name);
  return (roots) => flatten(roots, fields, isTaken);
}

function readField(json: unknown, field: string): FlattenField {
  if (typeof json === 'string' && json !== '') return { name: json, path: [json] };
  const { type, name, expr, nodes } = readFields(FieldSpec, json, field);
  if (type === 'root') return { name, path: [expr ?? name] };
  if (type === 'path') return { name, path: parsePath(expr ?? `$.${name}`, `${field}.expr`) };
  if (type === 'tree' && nodes !== null && nodes !== undefined && nodes.length > 0) {
    return { name, path: nodes };
  }
  const why =
    type === 'tree'
      ? `nodes: want a list of keys; got ${shown(nodes)}`
      : `type: ${type === 'jq' ? "'jq' is not built yet; use" : 'want'} path, root or tree; got ${shown(type)}`;
  throw new UserError(`${field}.${why}`, 'spec', field);
}

function flatten(
  roots: Columns,
  fields: readonly FlattenField[],
  isTaken: (name: string) => boolean,
): Columns {
  const columns = new Map<string, BatchColumn>();
  for (const [name, values] of roots) if (isTaken(name)) columns.set(name, cleaned(values));
  for (const { name, path } of fields) {
    const values = roots.get(String(path[0]));
    if (values === undefined) columns.delete(name);
    else {
      const found = Array.from(valuesOf(values), (value) => withoutNulls(valueAt(value, path, 1)));
      columns.set(name, found);
    }
  }
  return columns;
}

/** The column with nulls taken out of its lists. */
function cleaned(column: BatchColumn): BatchColumn {
  if (column instanceof TokenColumn) return column.mapOthers(withoutNulls);
  return Array.from(column, withoutNulls);
}

function withoutNulls(value: unknown): unknown {
  if (!Array.isArray(value) || !value.some(isNull)) return value;
  return value.filter((element) => !isNull(element));
}

const isNull = (value: unknown): boolean => value === null || value === undefined;
