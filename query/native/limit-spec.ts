import { z } from 'zod';
import { isJsonObject } from '../../core/index.js';
import { ORDERINGS } from '../../model/index.js';
import {
  badField,
  childField,
  integerField,
  isAbsent,
  optionalTextField,
  readFields,
  shown,
  textField,
  wordField,
} from './fields.js';
import type { LimitSpec, OrderByColumn } from './query.js';

const NO_LIMIT: LimitSpec = { limit: null, offset: 0, columns: [] };

const Schema = z.object({ limit: integerField, offset: integerField });

/** Reads a groupBy's `limitSpec`; its columns must be among `outputs`. */
export function parseLimitSpec(
  json: unknown,
  field: string,
  outputs: ReadonlySet<string>,
): LimitSpec {
  if (isAbsent(json)) return NO_LIMIT;
  if (!isJsonObject(json)) throw badField(field, `want an object; got ${shown(json)}`);
  const type = json.type ?? 'default';
  if (type === 'NoopLimitSpec' || type === 'noop') return NO_LIMIT;
  if (type !== 'default') {
    throw badField(
      childField(field, 'type'),
      `Could not resolve type id '${String(type)}' as a subtype of \`LimitSpec\`: known type ids = [default, NoopLimitSpec]`,
    );
  }
  const { limit, offset } = readFields(Schema, json, field);
  if (limit !== null && limit <= 0) {
    throw badField(childField(field, 'limit'), `want 1 or more, or no limit at all; got ${limit}`);
  }
  if (offset !== null && offset < 0) {
    throw badField(childField(field, 'offset'), `want 0 or more; got ${offset}`);
  }
  const columnsField = childField(field, 'columns');
  const columns = isAbsent(json.columns) ? [] : json.columns;
  if (!Array.isArray(columns)) throw badField(columnsField, `want a list; got ${shown(columns)}`);
  return {
    limit,
    offset: offset ?? 0,
    columns: columns.map((column: unknown, i) => {
      const path = `${columnsField}[${i}]`;
      const parsed = parseColumn(column, path);
      if (outputs.has(parsed.name)) return parsed;
      throw badField(
        path,
        `Unknown column in order clause [${parsed.name}]; use one of ${[...outputs].join(', ')}`,
      );
    }),
  };
}

const ColumnSchema = z.object({
  dimension: textField,
  direction: optionalTextField,
  dimensionOrder: z.unknown().optional(),
});
const OrderSchema = z.object({ dimensionOrder: wordField(ORDERINGS, 'lexicographic') });

function parseColumn(json: unknown, field: string): OrderByColumn {
  if (typeof json === 'string') return { name: json, descending: false, ordering: 'lexicographic' };
  if (!isJsonObject(json)) throw badField(field, `want a name or an object; got ${shown(json)}`);
  const { dimension, direction, dimensionOrder } = readFields(ColumnSchema, json, field);
  // Druid also takes {"type":"numeric"} for "numeric".
  const order = isJsonObject(dimensionOrder) ? dimensionOrder.type : dimensionOrder;
  const { dimensionOrder: ordering } = readFields(OrderSchema, { dimensionOrder: order }, field);
  return {
    name: dimension,
    descending: isDescending(direction, childField(field, 'direction')),
    ordering,
  };
}

/** Any beginning of `ascending` or `descending`, in any case. */
function isDescending(direction: string | null, field: string): boolean {
  const text = (direction ?? 'ascending').toLowerCase();
  if (text !== '' && 'ascending'.startsWith(text)) return false;
  if (text !== '' && 'descending'.startsWith(text)) return true;
  throw badField(field, `want "ascending" or "descending"; got ${shown(direction)}`);
}
