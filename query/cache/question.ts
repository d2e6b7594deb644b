import { sha256Hex, stringifyJson, utf8Encode } from '../../core/index.js';
import { scanEngineOf } from '../engines/registry.js';
import { stepsOf } from '../expansion/sources.js';
import type { DataSource, NativeQuery } from '../native/query.js';
import type { TypesOf } from '../plan/column-facts.js';
import { mayVary } from '../plan/content-tag.js';

/** 128 bits. */
const HASH_CHARACTERS = 32;

/**
 * Of a query that reads some columns of a table with these types: a text that is another one whenever rows of a table may give another partial: a hash of all that a scan looks at. What the answer is
 * finished by, such as limits, and what only tells which rows there are, such as intervals, is no part of it. Null where partials are
 * not kept: of rows as they are, and where chance has a part in them.
 */
export function partialQuestion(
  query: NativeQuery,
  types: TypesOf,
  read: ReadonlySet<string>,
): string | null {
  const shape = shapeOf(query);
  if (shape === null || mayVary(query) || !isOfTables(query.dataSource)) return null;
  const text = stringifyJson([
    shape,
    query.filter?.spec ?? null,
    query.virtualColumns.map(({ spec }) => spec),
    stepsText(query.dataSource),
    // What segments have in other types is read as these.
    [...read].sort().map((name) => [name, types.get(name) ?? null]),
  ]);
  return sha256Hex(utf8Encode(text)).slice(0, HASH_CHARACTERS);
}

/** What kind of partials is made. */
function shapeOf(query: NativeQuery): unknown {
  const plan = scanEngineOf(query)?.groups(query) ?? null;
  if (plan !== null) {
    const { granularity, dimensions, aggregations, emptyCells, unnesting } = plan;
    return [
      'groups',
      granularity.spec,
      dimensions.map(({ spec }) => spec),
      aggregations.map(({ spec }) => spec),
      emptyCells,
      unnesting,
    ];
  }
  if (query.queryType === 'timeBoundary') return ['times'];
  if (query.queryType !== 'search') return null;
  const { granularity, dimensions, search } = query;
  return ['search', granularity.spec, dimensions?.map(({ spec }) => spec), search.spec];
}

/** Whether rows come of tables alone, be it that others are made of each by itself. */
function isOfTables(source: DataSource): boolean {
  if (source.type === 'unnest' || source.type === 'filter') return isOfTables(source.base);
  return source.type === 'table' || source.type === 'union';
}

/** How rows of tables become others, of whatever tables. */
const stepsText = (source: DataSource): unknown =>
  stepsOf(source).map((step) => {
    if (step.type === 'unnest') return ['unnest', step.column.spec, step.filter?.spec ?? null];
    return step.type === 'filter' ? ['filter', step.filter.spec] : null;
  });
