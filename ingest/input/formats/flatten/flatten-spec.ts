import { z } from 'zod';
import { UserError } from '../../../../core/index.js';
import type { ValueType } from '../../../../model/index.js';
import { flagField, jsonField, readFields, requiredText, shown } from '../../../spec/fields.js';
import { type BatchColumn, type InputBatch, valueIn, valuesOf } from '../../batch.js';
import { TokenColumn } from '../../ndjson/token-column.js';
import type { FormatContext } from '../format.js';
import {
  type Extractor,
  jqExtractor,
  pathExtractor,
  rootExtractor,
  treeExtractor,
} from './extractor.js';

/** Fields by name, an entry per record. */
type Columns = ReadonlyMap<string, BatchColumn>;

/** Makes flat fields out of the records' top-level fields, which may hold objects. */
export type Flatten = (batch: InputBatch) => InputBatch;

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
  readonly extractor: Extractor;
}

/**
 * Reads a `flattenSpec`, absent too: its fields, and beside them all top-level fields, or, without
 * `useFieldDiscovery`, those of `named`, which the spec reads by their names. (Nested values among
 * them are kept.) Lists lose their nulls, as in Druid, where columns hold no such lists.
 */
export function readFlattenSpec(
  json: unknown,
  field: string,
  { named, keepsNullElements }: Pick<FormatContext, 'named' | 'keepsNullElements'>,
): Flatten {
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
  return (batch) => flatten(batch, fields, isTaken, keepsNullElements);
}

function readField(json: unknown, field: string): FlattenField {
  if (typeof json === 'string' && json !== '')
    return { name: json, extractor: rootExtractor(json) };
  const { type, name, expr, nodes } = readFields(FieldSpec, json, field);
  switch (type) {
    case 'root':
      return { name, extractor: rootExtractor(expr ?? name) };
    case 'path':
      return { name, extractor: pathExtractor(expr ?? `$.${name}`, `${field}.expr`) };
    case 'jq':
      return { name, extractor: jqExtractor(expr ?? `.${name}`, `${field}.expr`) };
    case 'tree':
      if (nodes !== null && nodes !== undefined && nodes.length > 0) {
        return { name, extractor: treeExtractor(nodes) };
      }
      throw new UserError(
        `${field}.nodes: want a list of keys; got ${shown(nodes)}`,
        'spec',
        field,
      );
    default:
      throw new UserError(
        `${field}.type: want path, jq, root or tree; got ${shown(type)}`,
        'spec',
        `${field}.type`,
      );
  }
}

function flatten(
  batch: InputBatch,
  fields: readonly FlattenField[],
  isTaken: (name: string) => boolean,
  keepsNullElements: FormatContext['keepsNullElements'],
): InputBatch {
  const { columns: roots } = batch;
  const columns = new Map<string, BatchColumn>();
  const types = new Map<string, ValueType>();
  for (const [name, values] of roots) {
    if (!isTaken(name)) continue;
    const type = batch.types?.get(name);
    if (type !== undefined) types.set(name, type);
    columns.set(name, type === undefined && !keepsNullElements(name) ? cleaned(values) : values);
  }
  for (const { name, extractor } of fields) {
    types.delete(name);
    const found = extract(extractor, roots, batch.rowCount);
    if (found === null) columns.delete(name);
    else columns.set(name, keepsNullElements(name) ? found : cleaned(found));
  }
  const flattened = { ...batch, columns, roots };
  return types.size === 0 ? flattened : { ...flattened, types };
}

/** The field of each record; null where no record has what it is made of. */
function extract(
  { root, read }: Extractor,
  roots: Columns,
  rowCount: number,
): readonly unknown[] | null {
  const column = root === null ? undefined : roots.get(root);
  if (root !== null && column === undefined) return null;
  const values = column === undefined ? null : valuesOf(column);
  const found = new Array<unknown>(rowCount);
  let row = 0;
  const record = () => recordAt(roots, row);
  for (; row < rowCount; row++) {
    found[row] = read(values === null ? record() : values[row], record);
  }
  return found;
}

/** A record as an object again. */
function recordAt(roots: Columns, row: number): unknown {
  const members: [string, unknown][] = [];
  for (const [name, column] of roots) {
    const value = valueIn(column, row);
    if (value !== undefined) members.push([name, value]);
  }
  return Object.fromEntries(members);
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
