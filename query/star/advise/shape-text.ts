import { stringifyJson } from '../../../core/index.js';
import type { QueryShape, ShapeCondition } from '../../log/query-shape.js';
import { metricText } from './would-be-tree.js';

/** A shape in one line, for people. */
export function describeShape(shape: QueryShape): string {
  const { queryType, groups, time, conditions, aggregations, span } = shape;
  const keys = [...groups, ...(time === null ? [] : [`__time by ${grainText(time)}`])];
  const folded = aggregations.map(({ spec, isWhole, where }) => {
    const text = isWhole ? metricText(spec) : `${String(spec.type)}(…)`;
    return where.length === 0 ? text : `${text} where ${conditionsText(where)}`;
  });
  return [
    `${queryType} of ${span.period === 'all' ? 'all time' : span.period}`,
    ...(keys.length === 0 ? [] : [`by ${keys.join(', ')}`]),
    ...(conditions.length === 0 ? [] : [`where ${conditionsText(conditions)}`]),
    ...(folded.length === 0 ? [] : [folded.join(', ')]),
  ].join('; ');
}

const conditionsText = (conditions: readonly ShapeCondition[]): string =>
  conditions
    .map(({ columns, kind, values }) => `${columns.join(', ')} ${kindText(kind, values)}`)
    .join(' and ');

function kindText(kind: string, values: number): string {
  if (kind === 'in' && values === 1) return '= ?';
  return values === 1 ? kind : `${kind} (${values})`;
}

function grainText(spec: unknown): string {
  if (typeof spec === 'string') return spec;
  const { period, timeZone } = Object(spec);
  return typeof period === 'string' ? `${period} ${timeZone ?? ''}`.trim() : stringifyJson(spec);
}
