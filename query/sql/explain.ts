import { type JsonObject, stringifyJson } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { Rel } from './algebra/rel.js';
import { children, type Rex } from './algebra/rex.js';
import { nativeType } from './algebra/types.js';
import type { SqlColumn } from './output/formats.js';
import type { NativePlan } from './plan/native-plan.js';

export const EXPLAIN_COLUMNS: readonly SqlColumn[] = [
  { name: 'PLAN', type: 'VARCHAR' },
  { name: 'RESOURCES', type: 'VARCHAR' },
  { name: 'ATTRIBUTES', type: 'VARCHAR' },
];

/** The one row of EXPLAIN PLAN FOR, with what else is told of the statement: more than Druid's attributes only where it was asked for. */
export function explainRow(
  rel: Rel,
  plans: readonly NativePlan[],
  attributes: JsonObject = {},
): Value[] {
  const resources = [...tablesOf(rel)].sort().map((name) => ({ name, type: 'DATASOURCE' }));
  return [
    stringifyJson(describePlans(plans, rel)),
    stringifyJson(resources),
    stringifyJson({ statementType: 'SELECT', ...attributes }),
  ];
}

/** The native queries with the types and names of their columns, in Druid's form. */
export function describePlans(plans: readonly NativePlan[], rel: Rel): JsonObject[] {
  return plans.map((plan) => {
    const types = new Map(plan.columns.map(({ name, type }) => [name, nativeType(type)]));
    return {
      query: plan.query,
      signature: [...types].map(([name, type]) => ({ name, type })),
      columnMappings: plan.columns.map(({ name }, i) => ({
        queryColumn: name,
        outputColumn: rel.columns[i]!.name,
      })),
    };
  });
}

/** The stored tables that are read, by subqueries in expressions too. */
export function tablesOf(rel: Rel): Set<string> {
  switch (rel.kind) {
    case 'table':
      return new Set([rel.name]);
    case 'system':
    case 'lookup':
    case 'values':
      return new Set();
    case 'union':
      return new Set(rel.inputs.flatMap((input) => [...tablesOf(input)]));
    default:
      return new Set([...tablesOf(rel.input), ...expressionsOf(rel).flatMap(tablesIn)]);
  }
}

function expressionsOf(rel: Rel): readonly Rex[] {
  switch (rel.kind) {
    case 'filter':
      return [rel.condition];
    case 'project':
      return rel.expressions;
    case 'aggregate':
      return [
        ...rel.groups,
        ...rel.calls.flatMap(({ args, filter }) => (filter === null ? args : [...args, filter])),
      ];
    default:
      return [];
  }
}

const tablesIn = (rex: Rex): string[] => [
  ...(rex.kind === 'subquery' ? tablesOf(rex.rel) : []),
  ...children(rex).flatMap(tablesIn),
];
