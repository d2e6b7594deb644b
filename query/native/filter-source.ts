import { isJsonObject, type JsonObject } from '../../core/index.js';
import { parseFilter, parseVirtualColumn, rowColumn } from '../../model/index.js';
import { withoutLeftFilter } from './expansions.js';
import { childField, isAbsent } from './fields.js';

/**
 * A query of a "filter" data source is the query of its base with one condition more, which indexes and kernels know. Not so where
 * something hides a column that the condition reads: there rows are tested before they become others.
 */
export function withoutFilterSource(json: JsonObject, field: string): JsonObject {
  const { filter } = json;
  const dataSource = hoisted(json.dataSource, childField(field, 'dataSource'));
  if (!isFiltered(dataSource))
    return dataSource === json.dataSource ? json : { ...json, dataSource };
  const condition = dataSource.filter;
  const virtual = virtualNames(json, field);
  if (reads(condition, childField(field, 'dataSource.filter'), (name) => virtual.has(name)))
    return { ...json, dataSource };
  // Whoever wrote it is to hear of the field that it is in.
  if (!isAbsent(filter)) parseFilter(filter, childField(field, 'filter'));
  const both = isAbsent(filter) ? condition : { type: 'and', fields: [condition, filter] };
  return withoutFilterSource({ ...json, dataSource: dataSource.base, filter: both }, field);
}

/** Rows that become others and are tested then are those that are tested and then become others. */
function hoisted(written: unknown, field: string): unknown {
  const json = withoutLeftFilter(written);
  const place = placeOf(json);
  if (place === null || !isJsonObject(json)) return json;
  const base = hoisted(json[place.key], childField(field, place.key));
  const whole = base === json[place.key] ? json : { ...json, [place.key]: base };
  if (!place.keepsRows || !isFiltered(base)) return whole;
  const hides = place.hides(childField(field, place.name));
  if (reads(base.filter, childField(field, `${place.key}.filter`), hides)) return whole;
  return { type: 'filter', base: { ...json, [place.key]: base.base }, filter: base.filter };
}

const isFiltered = (json: unknown): json is JsonObject =>
  isJsonObject(json) && json.type === 'filter';

/** What a data source makes its rows of, and what that does to them. */
interface Place {
  readonly key: 'base' | 'left';
  /** No rows come up that are of none of the base. */
  readonly keepsRows: boolean;
  /** Where the names of new columns are written, and which names of the base they hide. */
  readonly name: string;
  readonly hides: (field: string) => (name: string) => boolean;
}

function placeOf(json: unknown): Place | null {
  if (!isJsonObject(json)) return null;
  switch (json.type) {
    case 'unnest':
      return {
        key: 'base',
        keepsRows: true,
        name: 'virtualColumn',
        hides: (field) => {
          const { name } = parseVirtualColumn(json.virtualColumn, field);
          return (column) => column === name;
        },
      };
    case 'join':
      return {
        key: 'left',
        keepsRows: json.joinType === 'INNER' || json.joinType === 'LEFT',
        name: 'rightPrefix',
        hides: () => (column) => column.startsWith(String(json.rightPrefix)),
      };
    case 'filter':
      // The outer one is taken away first, where that can be.
      return { key: 'base', keepsRows: false, name: 'filter', hides: () => () => false };
    default:
      return null;
  }
}

const reads = (filter: unknown, field: string, hides: (name: string) => boolean): boolean =>
  parseFilter(filter, field).inputs.map(rowColumn).some(hides);

function virtualNames({ virtualColumns }: JsonObject, field: string): ReadonlySet<string> {
  const path = childField(field, 'virtualColumns');
  const all: unknown[] = Array.isArray(virtualColumns) ? virtualColumns : [];
  return new Set(all.map((each, i) => parseVirtualColumn(each, `${path}[${i}]`).name));
}
