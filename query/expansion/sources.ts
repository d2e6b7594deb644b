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
import type { BaseQuery, DataSource, Expansion, JoinSource, NativeQuery } from '../native/query.js';
import { QueryNames } from '../plan/query-names.js';

/** Whether rows are made of those of another data source. */
export const isExpansion = (source: DataSource): source is Expansion =>
  source.type === 'unnest' || source.type === 'join' || source.type === 'filter';

/** Where the rows come from that others are made of, if they are. */
export function leafOf(source: DataSource): Exclude<DataSource, Expansion> {
  return isExpansion(source) ? leafOf(source.base) : source;
}

/** How rows of the leaf become those of the source, the first step first. */
export function stepsOf(source: DataSource): readonly Expansion[] {
  return isExpansion(source) ? [...stepsOf(source.base), source] : [];
}

/** The joins among the steps. */
export const joinsOf = (source: DataSource): readonly JoinSource[] =>
  stepsOf(source).filter((step) => step.type === 'join');

/** Some columns and those that steps add, which hide others of their names. Right sides of joins are inline. */
export const expandedColumns = (
  columns: readonly ColumnSchema[],
  source: DataSource,
): readonly ColumnSchema[] =>
  stepsOf(source).reduce<readonly ColumnSchema[]>(
    (all, step) => [...all.filter(({ name }) => !adds(step, name)), ...addedColumns(step)],
    columns,
  );

function addedColumns(step: Expansion): readonly ColumnSchema[] {
  switch (step.type) {
    case 'unnest': {
      const { name, outputType } = step.column;
      return [{ name, type: typeOfElements(outputType), multiValue: false, role: 'dimension' }];
    }
    case 'join': {
      const fields = step.right.type === 'inline' ? step.right.fields : [];
      return fields.map(({ name, type }) => ({
        name: step.prefix + name,
        type,
        multiValue: type === 'STRING',
        role: 'dimension',
      }));
    }
    case 'filter':
      return [];
  }
}

/** Of the elements of a cell: texts, of which a column may have several in a cell, or those of an array. */
export const typeOfElements = (type: ValueType): ValueType =>
  isArrayType(type) ? elementType(type) : type;

/** Whether a name is of a column that a step adds, be it that there is none of it. */
export function adds(step: Expansion, name: string): boolean {
  switch (step.type) {
    case 'unnest':
      return rowColumn(name) === step.column.name;
    case 'join':
      return rowColumn(name).startsWith(step.prefix);
    case 'filter':
      return false;
  }
}

/** What a step reads of the rows before it, whoever reads those after it. */
function inputsOf(step: Expansion): readonly string[] {
  switch (step.type) {
    case 'unnest':
      return step.column.inputs;
    case 'join':
      return step.condition.keys.flatMap(({ left }) => left.inputs);
    case 'filter':
      return step.filter.inputs;
  }
}

/** The columns of the leaf that a query with some inputs reads. */
export const leafInputs = (inputs: readonly string[], source: DataSource): readonly string[] =>
  stepsOf(source).reduceRight<readonly string[]>(
    (needed, step) => [...needed.filter((name) => !adds(step, name)), ...inputsOf(step)],
    inputs,
  );

/**
 * What is tested of the rows before each step, and of those after the last one: each condition as soon as all that it reads is there.
 * Where rows come up that no row of the base belongs to, they are not yet.
 */
export function conditionsOf({ filter, virtualColumns, dataSource }: BaseQuery): (Filter | null)[] {
  const names = new QueryNames(virtualColumns);
  const steps = stepsOf(dataSource);
  let left = filter === null ? [] : conjunctsOf(filter);
  const before = steps.map((_, i) => {
    const later = steps.slice(i);
    const isMuchLater = later.some((each) => each.type === 'join' && each.keepsRight);
    const waits = ({ inputs }: Filter) =>
      isMuchLater ||
      [...names.storedBehind(inputs)].some((name) => later.some((each) => adds(each, name)));
    const now = left.filter((each) => !waits(each));
    left = left.filter(waits);
    return together(now);
  });
  return [...before, together(left)];
}

function together(filters: readonly Filter[]): Filter | null {
  if (filters.length < 2) return filters[0] ?? null;
  return parseFilter({ type: 'and', fields: filters.map(({ spec }) => spec) }, 'filter');
}

/** A query with the conditions alone that are tested of rows of the leaf. */
export const leafQuery = (query: NativeQuery): NativeQuery =>
  'filter' in query && isExpansion(query.dataSource)
    ? { ...query, dataSource: leafOf(query.dataSource), filter: conditionsOf(query)[0]! }
    : query;
