import { isJsonObject, type JsonObject } from '../../core/index.js';
import { type Aggregator, type Node, parseExpression } from '../../model/index.js';
import type { QueryNames } from '../plan/query-names.js';
import type { ShapeAggregation } from './query-shape.js';
import { conditionsOf } from './shape-condition.js';
import type { TimeReads } from './shape-time.js';

/** An aggregator without its name, and without literals of filters and expressions. */
export function shapeAggregation(
  aggregator: Aggregator,
  names: QueryNames,
  time: TimeReads,
): ShapeAggregation {
  const { form, spec, inputs } = aggregator;
  const isStored = inputs.every((name) => names.virtual(name) === null);
  if (form?.kind === 'filtered' && !(isStored && isFreeOfLiterals(form.filter.spec))) {
    const inner = shapeAggregation(form.aggregator, names, time);
    return { ...inner, where: [...inner.where, ...conditionsOf(form.filter, time)] };
  }
  const isWhole = isStored && (form?.kind === 'filtered' || isPlain(spec, inputs));
  return {
    spec: isWhole ? unnamed(spec) : { type: String(spec.type) },
    isWhole,
    where: [],
  };
}

/** The same with its keys in order and no names, so that equal ones have equal JSON. */
function unnamed(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec)
      .filter(([key]) => key !== 'name')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, isJsonObject(value) ? unnamed(value) : value]),
  );
}

/** A filter that asks for nulls only. */
function isFreeOfLiterals(spec: unknown): boolean {
  if (!isJsonObject(spec)) return false;
  if (spec.type === 'null') return typeof spec.column === 'string';
  return spec.type === 'not' && isFreeOfLiterals(spec.field);
}

/** Members of aggregators that are words of their language. */
const WORDS: ReadonlySet<string> = new Set(['type', 'name', 'tgtHllType', 'outputType']);

/** Whether all texts of an aggregator are words, columns, or expressions without literals: none is data. */
function isPlain(json: unknown, inputs: readonly string[], key = ''): boolean {
  if (Array.isArray(json)) return json.every((each) => isPlain(each, inputs, key));
  if (isJsonObject(json)) {
    return Object.entries(json).every(([member, value]) => isPlain(value, inputs, member));
  }
  if (typeof json !== 'string' || WORDS.has(key) || inputs.includes(json)) return true;
  return key === 'expression' && isWithoutLiterals(json);
}

const isWithoutLiterals = (text: string): boolean =>
  !hasLiterals(parseExpression(text, 'expression').tree);

function hasLiterals(node: Node): boolean {
  switch (node.kind) {
    case 'literal':
      return true;
    case 'identifier':
      return false;
    case 'unary':
      return hasLiterals(node.operand);
    case 'binary':
      return hasLiterals(node.left) || hasLiterals(node.right);
    case 'call':
      return node.args.some(hasLiterals) || (node.lambda !== null && hasLiterals(node.lambda.body));
  }
}
