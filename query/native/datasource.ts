import { isJsonObject, type JsonObject, UnsupportedError } from '../../core/index.js';
import { castValue, lookupNamed, type Value, type ValueType } from '../../model/index.js';
import type { ResultField } from '../result.js';
import { readFiltered, readJoin, readUnnest } from './expansions.js';
import { badField, childField, shown } from './fields.js';
import type { DataSource, ParseQuery } from './query.js';

type Reader = (json: JsonObject, field: string, parseQuery: ParseQuery) => DataSource;

/** Reads `"t"`, `{"type":"table",…}`, union, query, inline, lookup, unnest, join and filter data sources; of the last ones most are gone before (`filter-source.ts`). */
export function parseDataSource(json: unknown, field: string, parseQuery: ParseQuery): DataSource {
  if (typeof json === 'string') return readTable({ name: json }, field, parseQuery);
  if (!isJsonObject(json)) {
    throw badField(
      field,
      `must be given: the name of a table, or an object with a "type"; got ${shown(json)}`,
    );
  }
  const type = typeof json.type === 'string' ? json.type : '';
  const reader = READERS.get(type);
  if (reader !== undefined) return reader(json, field, parseQuery);
  const remedy = REFUSED.get(type);
  if (remedy !== undefined) {
    throw new UnsupportedError(
      `${field}: data sources of type "${type}" are not supported: ${remedy}`,
      { field },
    );
  }
  throw badField(
    childField(field, 'type'),
    `Could not resolve type id '${type}' as a subtype of \`DataSource\`: known type ids = [${[...READERS.keys()].join(', ')}]`,
  );
}

const readTable: Reader = ({ name }, field) => {
  if (typeof name === 'string' && name !== '') return { type: 'table', name };
  throw badField(childField(field, 'name'), `want the name of a table; got ${shown(name)}`);
};

const readUnion: Reader = ({ dataSources }, field, parseQuery) => {
  const path = childField(field, 'dataSources');
  if (!Array.isArray(dataSources) || dataSources.length === 0) {
    throw badField(path, `want a list of tables; got ${shown(dataSources)}`);
  }
  const names = dataSources.map((item: unknown, i) => {
    const member = parseDataSource(item, `${path}[${i}]`, parseQuery);
    if (member.type === 'table') return member.name;
    throw badField(`${path}[${i}]`, 'a union is made of tables only; use a "query" data source');
  });
  return { type: 'union', names };
};

const readQuery: Reader = ({ query }, field, parseQuery) => {
  const path = childField(field, 'query');
  const inner = parseQuery(query, path);
  if (inner.queryType !== 'segmentMetadata') return { type: 'query', query: inner };
  throw new UnsupportedError(
    `${childField(path, 'queryType')}: what a segmentMetadata query tells is no table of rows; ask it by itself, or INFORMATION_SCHEMA.COLUMNS and sys.segments in SQL`,
    { field: path },
  );
};

const readInline: Reader = ({ columnNames, columnTypes, rows }, field) => {
  const names = readNames(columnNames, childField(field, 'columnNames'));
  const path = childField(field, 'rows');
  if (!Array.isArray(rows)) throw badField(path, `want a list of rows; got ${shown(rows)}`);
  const cells = rows.map((row: unknown, i) => {
    if (Array.isArray(row) && row.length === names.length) return row as readonly unknown[];
    throw badField(`${path}[${i}]`, `want a list of ${names.length} values; got ${shown(row)}`);
  });
  const types = readTypes(columnTypes, names, childField(field, 'columnTypes'));
  const fields = names.map((name, column) => ({
    name,
    type: types?.[column] ?? inferType(cells.map((row) => row[column])),
  }));
  return {
    type: 'inline',
    fields,
    rows: cells.map((row) => row.map((cell, column) => readCell(cell, fields[column]!))),
  };
};

/** Of rows that are made of others. */
const expansion =
  (
    read: (
      json: JsonObject,
      field: string,
      at: (key: string) => DataSource,
      parseQuery: ParseQuery,
    ) => DataSource,
  ): Reader =>
  (json, field, parseQuery) => {
    const at = (key: string) => parseDataSource(json[key], childField(field, key), parseQuery);
    return read(json, field, at, parseQuery);
  };

const readLookup: Reader = ({ lookup }, field) => {
  const path = childField(field, 'lookup');
  if (typeof lookup === 'string' && lookup !== '') {
    return { type: 'lookup', table: lookupNamed(lookup, path) };
  }
  throw badField(path, `want the name of a lookup; got ${shown(lookup)}`);
};

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['table', readTable],
  // Druid's servers have a copy of it each.
  ['globalTable', readTable],
  ['union', readUnion],
  ['query', readQuery],
  ['inline', readInline],
  ['unnest', expansion(readUnnest)],
  ['join', expansion(readJoin)],
  ['filter', expansion(readFiltered)],
  ['lookup', readLookup],
]);

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['external', 'ingest the input first'],
  ['inputNumber', 'it has a meaning inside multi-stage plans only'],
  ['restrict', 'give the filter to the query itself'],
]);

function readNames(json: unknown, field: string): string[] {
  if (!Array.isArray(json)) throw badField(field, `want a list of names; got ${shown(json)}`);
  const names = json.map((name: unknown, i) => {
    if (typeof name === 'string' && name !== '') return name;
    throw badField(`${field}[${i}]`, `want a name; got ${shown(name)}`);
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw badField(field, `column [${twice}] is named twice`);
  return names;
}

const TYPE_PATTERN = /^(STRING|LONG|DOUBLE|FLOAT|ARRAY<(STRING|LONG|DOUBLE)>|COMPLEX<.+>)$/;

function readTypes(
  json: unknown,
  names: readonly string[],
  field: string,
): (ValueType | null)[] | null {
  if (json === undefined || json === null) return null;
  if (!Array.isArray(json) || json.length !== names.length) {
    throw badField(field, `want a list of ${names.length} types; got ${shown(json)}`);
  }
  return json.map((type: unknown, i) => (type === null ? null : readType(type, `${field}[${i}]`)));
}

/** Reads the type of a column. */
export function readType(type: unknown, field: string): ValueType {
  const text = typeof type === 'string' ? type.replace(/^\w+/, (w) => w.toUpperCase()) : '';
  if (TYPE_PATTERN.test(text)) return text as ValueType;
  throw badField(field, `want STRING, LONG, DOUBLE, FLOAT or ARRAY<…>; got ${shown(type)}`);
}

/** The type that holds every given value: LONG and DOUBLE where all are numbers, else STRING. */
function inferType(cells: readonly unknown[]): ValueType {
  const present = cells.filter((cell) => cell !== null && cell !== undefined);
  const every = (test: (cell: unknown) => boolean) => present.length > 0 && present.every(test);
  if (every((cell) => typeof cell === 'bigint' || Number.isInteger(cell))) return 'LONG';
  if (every((cell) => typeof cell === 'number' || typeof cell === 'bigint')) return 'DOUBLE';
  return 'STRING';
}

const NON_FINITE = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function readCell(cell: unknown, { type }: ResultField): Value {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'boolean') return castValue(Number(cell), 'LONG', type);
  if (Array.isArray(cell)) return readList(cell, type);
  if (typeof cell === 'object') return cell;
  if (typeof cell === 'string') {
    const special = type === 'DOUBLE' || type === 'FLOAT' ? NON_FINITE.get(cell) : undefined;
    return special ?? castValue(cell, 'STRING', type);
  }
  const number = cell as number | bigint;
  const isLong = typeof number === 'bigint' || Number.isInteger(number);
  // A text column takes an integer by its digits; a double of the same value would gain a ".0".
  if (type === 'DOUBLE' || type === 'FLOAT') return castValue(Number(number), 'DOUBLE', type);
  return castValue(number, isLong ? 'LONG' : 'DOUBLE', type);
}

/** A list in a STRING column is a multi-value cell: of none it is null, of one it is that text. */
function readList(cell: readonly unknown[], type: ValueType): Value {
  if (type !== 'STRING') {
    const element = type.startsWith('ARRAY<') ? (type.slice(6, -1) as ValueType) : type;
    return cell.map((item) => readCell(item, { name: '', type: element })) as Value;
  }
  const texts = cell.map((item) => (item === null ? null : String(item)));
  return texts.length > 1 ? texts : (texts[0] ?? null);
}
