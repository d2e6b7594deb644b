import { isJsonObject, type JsonObject, UserError } from '../../core/index.js';
import {
  ETERNITY,
  formatInterval,
  type Interval,
  intersect,
  rowColumn,
} from '../../model/index.js';
import type { RowScan, WindowOperator } from '../window/operators/operator.js';
import { parseOperators } from '../window/operators/registry.js';
import { togetherOf } from '../window/processors/processor.js';
import { type QueryReader, readBase } from './base.js';
import { readType } from './datasource.js';
import { badField, childField, isAbsent, shown } from './fields.js';
import type { BaseQuery, SignatureField } from './query.js';
import { scanOrderSpec } from './scan-order.js';

/**
 * Reads a query of window functions. Its operators work on the rows of a query, or inline ones; those of other data sources are
 * scanned first, and so are those of which a part is asked for.
 */
export const readWindowOperator: QueryReader = (json, field, parseQuery) => {
  const base = readBase(json, field, parseQuery, 'eternity');
  refuseBySegment(base, childField(field, 'context.bySegment'));
  const leaf = parseOperators(json.leafOperators, childField(field, 'leafOperators'));
  const operators = [...leaf, ...readOperators(json, field)];
  const outputSignature = readSignature(json.outputSignature, childField(field, 'outputSignature'));
  const { dataSource } = base;
  const asked = { ...base, queryType: 'windowOperator', outputSignature } as const;
  if (isWhole(base) && (dataSource.type === 'inline' || dataSource.type === 'query')) {
    const inputs = inputsOf(operators, outputSignature);
    return { ...asked, dataSource, operators, inputs };
  }
  const [first] = leaf;
  const scan = first !== undefined && isAllOf(base, first) ? first.scan : undefined;
  const left = scan === undefined ? operators : operators.slice(1);
  const inputs = inputsOf(left, outputSignature);
  const query = parseQuery(scanSpec(json, base, scan, inputs), field);
  return {
    ...asked,
    intervals: [ETERNITY],
    filter: null,
    virtualColumns: [],
    dataSource: { type: 'query', query },
    operators: left,
    inputs,
  };
};

function refuseBySegment({ context }: BaseQuery, field: string): void {
  if (!context.bySegment) return;
  const why = 'windows are computed of the rows of all segments; leave it out';
  throw new UserError(`${field}: ${why}`, 'context', field);
}

/** Druid's own name of the list is the second one. */
function readOperators(json: JsonObject, field: string): WindowOperator[] {
  const key = isAbsent(json.operators) ? 'operatorDefinition' : 'operators';
  if (!isAbsent(json[key])) return parseOperators(json[key], childField(field, key));
  throw badField(childField(field, 'operators'), `want a list; got ${shown(json.operators)}`);
}

function readSignature(json: unknown, field: string): SignatureField[] {
  if (!Array.isArray(json) || json.length === 0) {
    throw badField(
      field,
      `want a list of columns such as {"name":"d0","type":"STRING"}; got ${shown(json)}`,
    );
  }
  const columns = json.map((item: unknown, i): SignatureField => {
    const path = `${field}[${i}]`;
    if (!isJsonObject(item)) throw badField(path, `want an object; got ${shown(item)}`);
    const { name, type } = item;
    if (typeof name !== 'string' || name === '') {
      throw badField(`${path}.name`, `want the name of a column; got ${shown(name)}`);
    }
    return { name, type: isAbsent(type) ? null : readType(type, `${path}.type`) };
  });
  const names = columns.map(({ name }) => name);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice < 0) return columns;
  throw badField(`${field}[${twice}].name`, `column [${names[twice]}] is named twice`);
}

/** Whether all rows are asked for as they are. */
const isWhole = ({ intervals, filter, virtualColumns }: BaseQuery): boolean =>
  filter === null && virtualColumns.length === 0 && isEternity(intervals);

const isEternity = ([first, ...others]: readonly Interval[]): boolean =>
  others.length === 0 && first?.startMs === ETERNITY.startMs && first.endMs === ETERNITY.endMs;

/** Whether the scan of rows that are asked for can be the operator's too. A limit of 0 has no scan query. */
const isAllOf = ({ filter, virtualColumns }: BaseQuery, { scan }: WindowOperator): boolean =>
  filter === null && virtualColumns.length === 0 && scan !== undefined && scan.limit !== 0;

/** The columns of the data source that operators and the answer read. */
function inputsOf(
  operators: readonly WindowOperator[],
  outputSignature: readonly SignatureField[],
): readonly string[] {
  const last = { inputs: outputSignature.map(({ name }) => name), outputs: [] };
  return [...new Set(togetherOf([...operators, last]).inputs.map(rowColumn))];
}

/** The scan query of the rows that operators work on. */
function scanSpec(
  { dataSource, virtualColumns, filter, context }: JsonObject,
  { intervals }: BaseQuery,
  scan: RowScan | undefined,
  inputs: readonly string[],
): JsonObject {
  const projected = scan?.projectedColumns ?? null;
  const read = inputs.filter((name) => projected?.includes(name) ?? true);
  // Where none is read there are rows all the same, which need a column: one that nobody takes for what was not projected.
  const columns = read.length > 0 ? read : [projected?.[0] ?? '__time'];
  const plain = { queryType: 'scan', dataSource, columns, context };
  if (scan === undefined) {
    return { ...plain, virtualColumns, filter, intervals: intervals.map(formatInterval) };
  }
  const { timeRange, ordering, offset, limit } = scan;
  const inTime = intervals.flatMap((each) =>
    timeRange === null ? each : (intersect(each, timeRange) ?? []),
  );
  return {
    ...plain,
    intervals: inTime.map(formatInterval),
    virtualColumns: scan.virtualColumns.map(({ spec }) => spec),
    filter: scan.filter?.spec ?? null,
    orderBy: ordering.map(({ column, descending }) =>
      scanOrderSpec({ name: column, descending, nullsFirst: !descending }),
    ),
    offset,
    ...(limit !== null && { limit }),
  };
}
