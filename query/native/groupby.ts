import { type Dimension, parseDimension, parseHaving } from '../../model/index.js';
import { checkOutputs, outputNames, type QueryReader, readAggregationBase } from './base.js';
import { badField, childField, isAbsent, shown } from './fields.js';
import { parseLimitSpec } from './limit-spec.js';

export const readGroupBy: QueryReader = (json, field, parseQuery) => {
  const base = readAggregationBase(json, field, parseQuery);
  const dimensions = readDimensions(json.dimensions, childField(field, 'dimensions'));
  const dimensionNames = dimensions.map((dimension) => dimension.outputName);
  checkOutputs(base, dimensionNames, field);
  const names = [...dimensionNames, ...outputNames(base)];
  return {
    ...base,
    queryType: 'groupBy',
    dimensions,
    having: isAbsent(json.having) ? null : parseHaving(json.having, childField(field, 'having')),
    limitSpec: parseLimitSpec(
      json.limitSpec,
      childField(field, 'limitSpec'),
      new Set([...names, '__time']),
    ),
    subtotals: readSubtotals(json.subtotalsSpec, childField(field, 'subtotalsSpec'), dimensions),
  };
};

function readDimensions(json: unknown, field: string): Dimension[] {
  if (isAbsent(json)) return [];
  if (!Array.isArray(json)) throw badField(field, `want a list; got ${shown(json)}`);
  return json.map((item: unknown, i) => parseDimension(item, `${field}[${i}]`));
}

function readSubtotals(
  json: unknown,
  field: string,
  dimensions: readonly Dimension[],
): number[][] | null {
  if (isAbsent(json)) return null;
  if (!Array.isArray(json)) throw badField(field, `want a list of lists; got ${shown(json)}`);
  const names = dimensions.map((dimension) => dimension.outputName);
  return json.map((list: unknown, i) => {
    const path = `${field}[${i}]`;
    if (!Array.isArray(list)) throw badField(path, `want a list of names; got ${shown(list)}`);
    return list.map((name: unknown) => {
      const position = names.indexOf(typeof name === 'string' ? name : '');
      if (position >= 0) return position;
      throw badField(
        path,
        `subtotal ${shown(name)} is not among the dimensions ${shown(names)}; use their output names`,
      );
    });
  });
}
