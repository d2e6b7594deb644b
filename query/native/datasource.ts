import { isJsonObject, type JsonObject, UnsupportedError } from '../../core/index.js';
import { lookupNamed, type ValueType } from '../../model/index.js';
import { stepsOf } from '../expansion/sources.js';
import { readFiltered, readJoin, readUnnest } from './expansions.js';
import { badField, childField, shown } from './fields.js';
import { inferType, readCell } from './inline-cells.js';
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
    rows: cells.map((row, i) =>
      row.map((cell, column) => readCell(cell, fields[column]!.type, `${path}[${i}][${column}]`)),
    ),
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
    const source = read(json, field, at, parseQuery);
    if (stepsOf(source).length <= MAX_STEPS) return source;
    throw badField(field, `more than ${MAX_STEPS} data sources stand over each other; use fewer`);
  };

/** What is made of rows is looked at step by step. */
const MAX_STEPS = 64;

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
