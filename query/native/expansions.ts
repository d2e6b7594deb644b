import { isJsonObject, type JsonObject } from '../../core/index.js';
import {
  ETERNITY,
  formatInterval,
  isNumericType,
  parseFilter,
  parseJoinCondition,
  parseVirtualColumn,
  type VirtualColumn,
} from '../../model/index.js';
import { badField, childField, isAbsent, shown } from './fields.js';
import type { DataSource, FilterSource, JoinSource, ParseQuery, UnnestSource } from './query.js';

/** Reads the data source at a key of the one that is being read. */
type ReadBase = (key: string) => DataSource;

export function readUnnest(json: JsonObject, field: string, read: ReadBase): UnnestSource {
  const { virtualColumn, unnestFilter } = json;
  return {
    type: 'unnest',
    base: read('base'),
    column: readElements(virtualColumn, childField(field, 'virtualColumn')),
    filter: isAbsent(unnestFilter)
      ? null
      : parseFilter(unnestFilter, childField(field, 'unnestFilter')),
  };
}

/** An expression of numbers is one of arrays of them: as a number, an array of several has no value. */
function readElements(json: unknown, field: string): VirtualColumn {
  const column = parseVirtualColumn(json, field);
  const { outputType, spec } = column;
  if (spec.type !== 'expression' || !isNumericType(outputType)) return column;
  const element = outputType === 'FLOAT' ? 'DOUBLE' : outputType;
  return parseVirtualColumn({ ...spec, outputType: `ARRAY<${element}>` }, field);
}

export const readFiltered = (json: JsonObject, field: string, read: ReadBase): FilterSource => ({
  type: 'filter',
  base: read('base'),
  filter: parseFilter(json.filter, childField(field, 'filter')),
});

/** Which rows that belong to none come up, by type of a join. */
const JOIN_TYPES: ReadonlyMap<unknown, Pick<JoinSource, 'keepsLeft' | 'keepsRight'>> = new Map([
  ['INNER', { keepsLeft: false, keepsRight: false }],
  ['LEFT', { keepsLeft: true, keepsRight: false }],
  ['RIGHT', { keepsLeft: false, keepsRight: true }],
  ['FULL', { keepsLeft: true, keepsRight: true }],
]);

export function readJoin(
  json: JsonObject,
  field: string,
  read: ReadBase,
  parseQuery: ParseQuery,
): JoinSource {
  const prefix = readPrefix(json.rightPrefix, childField(field, 'rightPrefix'));
  const type = JOIN_TYPES.get(json.joinType);
  if (type === undefined) {
    const known = [...JOIN_TYPES.keys()].join(', ');
    throw badField(
      childField(field, 'joinType'),
      `want one of ${known}; got ${shown(json.joinType)}`,
    );
  }
  return {
    type: 'join',
    spec: json,
    base: read('left'),
    right: readRight(json.right, childField(field, 'right'), read, parseQuery),
    prefix,
    condition: parseJoinCondition(json.condition, prefix, childField(field, 'condition')),
    ...type,
  };
}

/** Rows that are given stay; others are those of a query, as large as answers may be. */
function readRight(
  json: unknown,
  field: string,
  read: ReadBase,
  parseQuery: ParseQuery,
): DataSource {
  const right = read('right');
  if (right.type === 'inline' || right.type === 'query' || right.type === 'lookup') return right;
  const all = {
    queryType: 'scan',
    dataSource: json,
    intervals: [formatInterval(ETERNITY)],
    resultFormat: 'compactedList',
    context: { maxSubqueryRows: Number.MAX_SAFE_INTEGER },
  };
  return { type: 'query', query: parseQuery(all, field) };
}

function readPrefix(json: unknown, field: string): string {
  if (typeof json !== 'string' || json === '')
    throw badField(field, `want a text that is not empty, such as "j0."; got ${shown(json)}`);
  if ('__time'.startsWith(json))
    throw badField(field, `${shown(json)} would hide the column __time; take one such as "j0."`);
  return json;
}

/** A join that tests its left side is one over those rows of it that pass. */
export function withoutLeftFilter(json: unknown): unknown {
  if (!isJsonObject(json) || json.type !== 'join' || isAbsent(json.leftFilter)) return json;
  const { leftFilter, ...join } = json;
  return { ...join, left: { type: 'filter', base: json.left, filter: leftFilter } };
}
