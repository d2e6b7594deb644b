import {
  elementType,
  type Filter,
  isArrayType,
  parseFilter,
  rowColumn,
  type ValueType,
} from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import type { BaseQuery, DataSource, NativeQuery, UnnestSource } from '../native/query.js';
import { QueryNames } from '../plan/query-names.js';

/** Where the rows come from that are unnested, if they are. */
export function leafOf(source: DataSource): Exclude<DataSource, UnnestSource> {
  return source.type === 'unnest' ? leafOf(source.base) : source;
}

/** How rows of the leaf become those of the source, the first step first. */
export function stepsOf(source: DataSource): readonly UnnestSource[] {
  return source.type === 'unnest' ? [...stepsOf(source.base), source] : [];
}

/** Some columns and those that steps add, which hide others of their names. */
export function expandedColumns(
  columns: readonly ColumnSchema[],
  source: DataSource,
): readonly ColumnSchema[] {
  return stepsOf(source).reduce<readonly ColumnSchema[]>(
    (all, { column }) => [
      ...all.filter(({ name }) => name !== column.name),
      {
        name: column.name,
        type: typeOfElements(column.outputType),
        multiValue: false,
        role: 'dimension',
      },
    ],
    columns,
  );
}

/** Of the elements of a cell: texts, of which a column may have several in a cell, or those of an array. */
export const typeOfElements = (type: ValueType): ValueType =>
  isArrayType(type) ? elementType(type) : type;

/** The columns of the leaf that a query with some inputs reads. */
export function leafInputs(inputs: readonly string[], source: DataSource): readonly string[] {
  return stepsOf(source).reduceRight<readonly string[]>(
    (needed, { column }) => [
      ...needed.filter((name) => rowColumn(name) !== column.name),
      ...column.inputs,
    ],
    inputs,
  );
}

/** What is tested of the rows before each step, and of those after the last one. */
export function conditionsOf({ filter, virtualColumns, dataSource }: BaseQuery): (Filter | null)[] {
  const names = new QueryNames(virtualColumns);
  let left = filter === null ? [] : conjunctsOf(filter);
  const steps = stepsOf(dataSource);
  const before = steps.map((_, i) => {
    const later = new Set(steps.slice(i).map(({ column }) => column.name));
    const reads = ({ inputs }: Filter) =>
      [...names.storedBehind(inputs)].some((name) => later.has(rowColumn(name)));
    const now = left.filter((each) => !reads(each));
    left = left.filter(reads);
    return together(now);
  });
  return [...before, together(left)];
}

function together(filters: readonly Filter[]): Filter | null {
  if (filters.length === 0) return null;
  return parseFilter({ type: 'and', fields: filters.map(({ spec }) => spec) }, 'filter');
}

/** A query with the conditions alone that are tested of rows of the leaf. */
export const leafQuery = (query: NativeQuery): NativeQuery =>
  'filter' in query && query.dataSource.type === 'unnest'
    ? { ...query, dataSource: leafOf(query.dataSource), filter: conditionsOf(query)[0]! }
    : query;
