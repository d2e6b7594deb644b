import { isJsonObject, type JsonObject } from '../../core/index.js';
import { parseFilter, parseVirtualColumn, rowColumn } from '../../model/index.js';
import { isAbsent } from './base.js';
import { badField, childField } from './fields.js';

/**
 * A query of a "filter" data source is the query of its base with one condition more. The condition knows the columns of the base, so
 * that virtual columns of the query must not take their names.
 */
export function withoutFilterSource(json: JsonObject, field: string): JsonObject {
  const { filter } = json;
  const dataSource = hoisted(json.dataSource, childField(field, 'dataSource'));
  if (!isJsonObject(dataSource) || dataSource.type !== 'filter') return json;
  const condition = dataSource.filter;
  const conditionField = childField(field, 'dataSource.filter');
  const { inputs } = parseFilter(condition, conditionField);
  const hidden = inputs.map(rowColumn).find((name) => virtualNames(json, field).has(name));
  if (hidden !== undefined) {
    throw badField(
      conditionField,
      `it reads the column [${hidden}], which a virtual column of the query hides; give the virtual column another name`,
    );
  }
  // Whoever wrote it is to hear of the field that it is in.
  if (!isAbsent(filter)) parseFilter(filter, childField(field, 'filter'));
  const both = isAbsent(filter) ? condition : { type: 'and', fields: [condition, filter] };
  return withoutFilterSource({ ...json, dataSource: dataSource.base, filter: both }, field);
}

/** Rows that are unnested and then filtered are those that are filtered and then unnested. */
function hoisted(json: unknown, field: string): unknown {
  if (!isJsonObject(json) || json.type !== 'unnest') return json;
  const base = hoisted(json.base, childField(field, 'base'));
  if (!isJsonObject(base) || base.type !== 'filter') return json;
  const conditionField = childField(field, 'base.filter');
  const { name } = parseVirtualColumn(json.virtualColumn, childField(field, 'virtualColumn'));
  if (parseFilter(base.filter, conditionField).inputs.map(rowColumn).includes(name)) {
    throw badField(
      conditionField,
      `it reads the column [${name}], which the unnested one hides; give that another name`,
    );
  }
  return { type: 'filter', base: { ...json, base: base.base }, filter: base.filter };
}

function virtualNames({ virtualColumns }: JsonObject, field: string): ReadonlySet<string> {
  const path = childField(field, 'virtualColumns');
  const all: unknown[] = Array.isArray(virtualColumns) ? virtualColumns : [];
  return new Set(all.map((each, i) => parseVirtualColumn(each, `${path}[${i}]`).name));
}
