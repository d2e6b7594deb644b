import type { JsonObject } from '../../core/index.js';
import {
  type Expression,
  type JoinKey,
  LookupBuilder,
  type LookupHandle,
  type LookupTable,
  lookupOf,
  NULL_READER,
  pinnedName,
  printNode,
  type Scalar,
  scalarText,
  type Value,
  type ValueType,
  valueCaster,
  withLookups,
} from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import type { JobSource, RightRows } from '../executor/executor.js';
import { joinsOf, leafOf, stepsOf } from '../expansion/sources.js';
import { LOOKUP_FIELDS } from '../interpreter/lookup-segment.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { JoinSource, NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { ResultField } from '../result.js';

/** The columns that a join's left side has. */
type Columns = Map<string, Pick<ColumnSchema, 'type' | 'multiValue'>>;

/** What a join becomes: columns that are looked up, and the filter that keeps rows of which none is found. */
interface LookedUp {
  readonly columns: readonly JsonObject[];
  readonly filter: JsonObject | null;
}

/**
 * Where no row of the base has more than one of any right side, what these have is looked up by the key, as from a lookup: the query is one
 * of the base alone, which indexes, kernels and star-trees know. Null where that is not so, or where a lookup cannot tell values apart.
 * `inputs` are the columns that the query reads.
 */
export function asLookups(
  query: NativeQuery,
  rights: readonly RightRows[],
  columns: readonly ColumnSchema[],
  inputs: readonly string[],
): NativeQuery | null {
  const joins = joinsOf(query.dataSource);
  if (joins.length === 0 || joins.length < stepsOf(query.dataSource).length) return null;
  const own = 'virtualColumns' in query ? query.virtualColumns.map(({ name }) => name) : [];
  const known: Columns = new Map(columns.map((column) => [column.name, column]));
  const wanted = new Set([...inputs, ...joins.flatMap(keyInputs)]);
  const found: LookedUp[] = [];
  for (const [i, join] of joins.entries()) {
    const { source } = rights[i]!;
    const isClear = ![...known.keys(), ...own].some((name) => name.startsWith(join.prefix));
    const isOwn = keyInputs(join).some((name) => own.includes(name));
    const each = isClear && !isOwn ? lookedUp(join, source, known, wanted) : null;
    if (each === null) return null;
    found.push(each);
    const fields = source.kind === 'rows' ? source.block.fields : LOOKUP_FIELDS;
    for (const { name, type } of fields) known.set(join.prefix + name, { type, multiValue: false });
  }
  return withColumns(query, found);
}

const keyInputs = ({ condition }: JoinSource): string[] =>
  condition.keys.flatMap(({ left }) => left.inputs);

function withColumns(query: NativeQuery, found: readonly LookedUp[]): NativeQuery {
  const { spec, dataSource } = query;
  const filters = [...found.flatMap(({ filter }) => filter ?? []), spec.filter ?? null];
  const given = filters.filter((filter) => filter !== null);
  const columns = [
    ...found.flatMap((each) => each.columns),
    ...((spec.virtualColumns ?? []) as readonly JsonObject[]),
  ];
  const plain = parseNativeQuery({
    ...spec,
    dataSource: 'rows',
    virtualColumns: columns,
    filter: given.length < 2 ? (given[0] ?? null) : { type: 'and', fields: given },
  });
  return { ...plain, dataSource: leafOf(dataSource) } as NativeQuery;
}

function lookedUp(
  join: JoinSource,
  source: JobSource,
  known: Columns,
  wanted: ReadonlySet<string>,
): LookedUp | null {
  const { keys, isNever } = join.condition;
  const [key, ...more] = keys;
  if (key === undefined || more.length > 0) return null;
  if (join.keepsRight || isNever || key.nullsMatch) return null;
  if (source.kind === 'lookup') return inLookup(join, key, source.handle, known);
  return source.kind === 'rows' ? inRows(join, key, source.block, known, wanted) : null;
}

/** The pairs are there already, and whatever has a value has a key. */
function inLookup(
  { prefix, keepsLeft }: JoinSource,
  { left, right }: JoinKey,
  handle: LookupHandle,
  known: Columns,
): LookedUp | null {
  const text = right === 'k' ? keyText(left, 'STRING', known) : null;
  if (text === null) return null;
  const value = lookupColumn(`${prefix}v`, 'STRING', text, lookupOf(handle));
  const expression = `if(isnull(${String(value.expression)}), null, ${text})`;
  const key = { ...value, name: `${prefix}k`, expression };
  return { columns: [value, key], filter: keepsLeft ? null : isThere(`${prefix}v`) };
}

function inRows(
  { prefix, keepsLeft }: JoinSource,
  key: JoinKey,
  block: RowBlock,
  known: Columns,
  wanted: ReadonlySet<string>,
): LookedUp | null {
  const keyType = typeOf(block, key.right);
  const text = keyText(key.left, keyType, known);
  const keys = text === null ? null : distinctTexts(columnOf(block, key.right), keyType);
  if (text === null || keys === null) return null;
  const read = block.fields.filter(({ name }) => wanted.has(prefix + name));
  const mark = keepsLeft ? null : markOf(block, read, key.right);
  const columns: JsonObject[] = [];
  // Where nothing is read but whether there is a row, all values are one.
  const isBare = mark !== null && !read.includes(mark);
  if (isBare) {
    const table = tableOf(keys, 'STRING', new Array<Value>(keys.length).fill('1'))!;
    columns.push(lookupColumn(prefix + mark.name, 'STRING', text, table));
  }
  for (const { name, type } of read) {
    const table = tableOf(keys, type, columnOf(block, name));
    if (table === null) return null;
    columns.push(lookupColumn(prefix + name, type, text, table));
  }
  return { columns, filter: mark === null ? null : isThere(prefix + mark.name) };
}

/** A column that has a value in each row whose key has one, of those that are read anyway if there is one. */
function markOf(block: RowBlock, read: readonly ResultField[], key: string): ResultField {
  const isFull = ({ name }: ResultField) => !columnOf(block, name).includes(null);
  return read.find(isFull) ?? block.fields.find(({ name }) => name === key)!;
}

const isThere = (column: string): JsonObject => ({
  type: 'not',
  field: { type: 'null', column },
});

function lookupColumn(name: string, type: ValueType, key: string, table: LookupTable): JsonObject {
  const literal = printNode({ kind: 'literal', type: 'STRING', value: pinned(name, table) });
  const text = `lookup(${key}, ${literal})`;
  const expression = type === 'STRING' ? text : `cast(${text}, '${type}')`;
  return { type: 'expression', name, expression, outputType: type };
}

const columnOf = ({ fields, columns }: RowBlock, name: string): readonly Value[] =>
  columns[fields.findIndex((field) => field.name === name)]!;

const typeOf = ({ fields }: RowBlock, name: string): ValueType =>
  fields.find((field) => field.name === name)!.type;

/** The key of a row of the left side as text; null where equal texts do not stand for equal keys. */
function keyText(left: Expression, rightType: ValueType, known: Columns): string | null {
  if (left.inputs.some((name) => known.get(name)?.multiValue ?? false)) return null;
  const { type } = left.compile({
    column: (name) => ({ ...NULL_READER, type: known.get(name)?.type ?? 'STRING' }),
  });
  if (type === 'STRING' && rightType === 'STRING') return left.text;
  const isLong = type === 'LONG' && (rightType === 'LONG' || rightType === 'STRING');
  return isLong ? `cast(${left.text}, 'STRING')` : null;
}

/** Keys as texts, null for those that equal nothing; null where one comes twice, or is no scalar. */
function distinctTexts(values: readonly Value[], type: ValueType): (string | null)[] | null {
  const isSure = areAscending(values);
  const seen = new Set<Value>();
  const texts: (string | null)[] = [];
  for (const value of values) {
    if (Array.isArray(value)) return null;
    const text = scalarText(value as Scalar, type);
    texts.push(text);
    if (isSure || text === null) continue;
    const size = seen.size;
    if (seen.add(typeof value === 'number' ? value : text).size === size) return null;
  }
  return texts;
}

/** As numbers of rows are, which surrogate keys often are. */
const areAscending = (values: readonly Value[]): boolean =>
  values.every(
    (value, i) => typeof value === 'number' && (i === 0 || (values[i - 1] as number) < value),
  );

const TYPES: ReadonlySet<ValueType> = new Set(['STRING', 'LONG', 'DOUBLE']);

/** What keys stand for; null where some value is not the same again when its text is read. */
function tableOf(
  keys: readonly (string | null)[],
  type: ValueType,
  values: readonly Value[],
): LookupTable | null {
  if (!TYPES.has(type)) return null;
  const cast = valueCaster('STRING', type);
  const isPlain = (value: Value): boolean =>
    type === 'STRING' ? typeof value === 'string' : type === 'LONG' && Number.isSafeInteger(value);
  const builder = new LookupBuilder();
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row]!;
    const value = values[row]!;
    if (key === null || value === null) continue;
    const text = Array.isArray(value) ? null : scalarText(value as Scalar, type);
    if (text === null || !(isPlain(value) || cast(text) === value)) return null;
    builder.add(key, text);
  }
  return builder.build();
}

/** A name that means these pairs in whatever thread. */
const pinned = (name: string, table: LookupTable): string =>
  withLookups(new Map([[name, table]]), () => pinnedName(name)).result;
