import { stringifyJson } from '../../core/index.js';
import { BoundedMap } from '../executor/bounded-map.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import type { TypesOf } from '../plan/column-facts.js';
import { TreePlanner } from './plan-tree.js';

/** Of a table. */
const MOST_PLANNERS = 256;

/** Longer questions, mostly of long lists of values, are hardly asked again and take room. */
const LONGEST_QUESTION = 16_384;

/** By the columns of a table, by question. */
const known = new WeakMap<TypesOf, BoundedMap<string, TreePlanner>>();

/** The planner of all queries that ask the same of a table, of whatever time: dashboards do so again and again. */
export function plannerOf(query: NativeQuery, groups: GroupPlan, types: TypesOf): TreePlanner {
  const planners = known.get(types) ?? new BoundedMap<string, TreePlanner>(MOST_PLANNERS);
  known.set(types, planners);
  const question = questionOf(query, groups);
  const found = planners.get(question);
  if (found !== undefined) return found;
  const planner = new TreePlanner(query, groups, types);
  if (question.length <= LONGEST_QUESTION) planners.add(question, planner);
  return planner;
}

/** All that a planner looks at. Numbers of specs are finite, so that JSON tells them apart. */
function questionOf(
  { queryType, filter, virtualColumns, context }: NativeQuery,
  groups: GroupPlan,
): string {
  const { granularity, dimensions, aggregations } = groups;
  return stringifyJson([
    queryType,
    granularity.spec,
    filter?.spec,
    dimensions.map(({ inputs }) => inputs),
    aggregations.map(({ spec }) => spec),
    virtualColumns.map(({ spec }) => spec),
    context.skipIndexes.spec,
    context.forceIndexes,
  ]);
}
