import { isJsonObject } from '../../core/index.js';
import type { Filter } from '../../model/index.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import type { ShapeCondition } from './query-shape.js';
import type { TimeReads } from './shape-time.js';

/** The conditions of a filter, those of `__time` alone left to `time`. */
export function conditionsOf(filter: Filter | null, time: TimeReads): ShapeCondition[] {
  if (filter === null) return [];
  const byText = new Map<string, ShapeCondition>();
  for (const each of conjunctsOf(filter)) {
    const columns = time.others(each.inputs);
    if (columns.length === 0) continue;
    const { kind, values } = kindOf(each.spec);
    const condition = { columns, kind, values: powerOfTwo(values) };
    byText.set(JSON.stringify(condition), condition);
  }
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition);
}

/** What kind of test a filter is, and how many literals it holds. */
function kindOf(spec: unknown): { kind: string; values: number } {
  if (!isJsonObject(spec)) return { kind: 'unknown', values: 1 };
  const type = String(spec.type);
  const { values, fields, field } = spec;
  if (Array.isArray(values)) return { kind: 'in', values: values.length };
  if (POINTS.has(type)) return { kind: 'in', values: 1 };
  if (type === 'not') {
    const inner = kindOf(field);
    return { kind: inner.kind === 'in' ? 'not in' : 'not', values: inner.values };
  }
  if (!Array.isArray(fields)) return { kind: type, values: 1 };
  const inner = fields.map(kindOf);
  const isList = type === 'or' && inner.every(({ kind }) => kind === 'in') && isOfOne(fields);
  return { kind: isList ? 'in' : type, values: inner.reduce((sum, each) => sum + each.values, 0) };
}

const POINTS: ReadonlySet<string> = new Set(['selector', 'equals', 'null']);

/** Whether filters test the same column. */
const isOfOne = (filters: readonly unknown[]): boolean =>
  new Set(filters.map((each) => Object(each).dimension ?? Object(each).column)).size === 1;

/** Lists of about the same length make one shape. */
const powerOfTwo = (count: number): number => (count <= 1 ? 1 : 2 ** Math.ceil(Math.log2(count)));
