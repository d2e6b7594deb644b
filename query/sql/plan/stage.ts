import type { AggregateRel, RelColumn, SortKey, SortRel } from '../algebra/rel.js';
import { type AggregateCall, type Rex, type RexField, some } from '../algebra/rex.js';
import { rebuild, simplify } from '../analyse/simplify.js';
import { callOf } from '../functions/definition.js';
import { AND } from '../functions/operators.js';

/** What a native query reads. */
export interface Source {
  readonly dataSource: unknown;
  /** Stored tables have a row time and segments; queries and inline rows do not. */
  readonly stored: boolean;
  readonly columns: readonly RexField[];
}

/** The grouping of a stage: over fields of the source. Outputs are named d0, d1, … and a0, a1, …. */
interface Grouping {
  readonly groups: readonly Rex[];
  readonly sets: AggregateRel['sets'];
  readonly calls: readonly AggregateCall[];
}

/**
 * The part of a relational tree that one native query can answer, in the order in which a native
 * query works: filter, group, having, sort, limit, project. Each function below adds one step
 * on top, or gives null when the stage must first become a query of its own.
 */
export interface Stage {
  readonly source: Source;
  readonly where: Rex | null;
  readonly grouping: Grouping | null;
  readonly having: Rex | null;
  readonly sort: readonly SortKey<Rex>[];
  readonly limit: number | null;
  readonly offset: number;
  /** What it gives: over fields of the source, or of the grouping when there is one. */
  readonly columns: readonly Rex[];
}

export const stageOf = (source: Source): Stage => ({
  source,
  where: null,
  grouping: null,
  having: null,
  sort: [],
  limit: null,
  offset: 0,
  columns: source.columns,
});

const limited = (stage: Stage): boolean => stage.limit !== null || stage.offset > 0;

/** An expression over the columns of the stage, written over its fields. */
function over(stage: Stage, rex: Rex): Rex {
  return rebuild(rex, (leaf) => (leaf.kind === 'column' ? stage.columns[leaf.index]! : leaf));
}

const conjunction = (a: Rex | null, b: Rex): Rex =>
  a === null ? b : simplify(callOf(AND, [a, b], b.position));

export function filtered(stage: Stage, condition: Rex): Stage | null {
  if (limited(stage)) return null;
  const rex = over(stage, condition);
  if (stage.grouping === null) return { ...stage, sort: [], where: conjunction(stage.where, rex) };
  // A timeseries gives its one row whatever the filter says, and has no HAVING.
  if (stage.grouping.groups.length === 0) return null;
  return { ...stage, sort: [], having: conjunction(stage.having, rex) };
}

export function projected(stage: Stage, expressions: readonly Rex[]): Stage {
  return { ...stage, columns: expressions.map((rex) => over(stage, rex)) };
}

export function grouped(stage: Stage, rel: AggregateRel): Stage | null {
  if (stage.grouping !== null || limited(stage)) return null;
  const groups = rel.groups.map((rex) => over(stage, rex));
  const calls = rel.calls.map((call) => ({
    ...call,
    args: call.args.map((rex) => over(stage, rex)),
    filter: call.filter === null ? null : over(stage, call.filter),
  }));
  const position = { line: 1, column: 1 };
  const field = (name: string, type: RelColumn['type']): Rex => ({
    kind: 'field',
    name,
    type,
    position,
  });
  const columns = [
    ...groups.map(({ type }, i) => field(`d${i}`, type)),
    ...calls.map(({ type }, i) => field(`a${i}`, type)),
  ];
  return { ...stage, grouping: { groups, sets: rel.sets, calls }, sort: [], columns };
}

export function sorted(stage: Stage, { keys, limit, offset }: SortRel): Stage | null {
  if (keys.length > 0 && limited(stage)) return null;
  const sort =
    keys.length === 0 ? stage.sort : keys.map((key) => ({ ...key, key: stage.columns[key.key]! }));
  const skipped = stage.offset + offset;
  const left = stage.limit === null ? null : Math.max(stage.limit - offset, 0);
  const both = left === null ? limit : limit === null ? left : Math.min(left, limit);
  return { ...stage, sort, limit: both, offset: skipped };
}

/** Whether any expression of the projection or of the sort computes with a field. */
export function computesWith(stage: Stage, name: string): boolean {
  const uses = (rex: Rex): boolean =>
    some(rex, (part) => part.kind === 'field' && part.name === name);
  const rexes = [...stage.columns, ...stage.sort.map(({ key }) => key)];
  return rexes.some((rex) => rex.kind !== 'field' && uses(rex));
}
