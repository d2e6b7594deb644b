import {
  type AutoType,
  autoColumnType,
  autoTypeOfColumn,
  isComplexType,
  JSON_TYPE,
  joinAutoTypes,
  mergedType,
  type ValueType,
} from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import type { DimensionSchema, DimensionType, SegmentSchema } from '../schema.js';
import type { ColumnDescription } from '../types.js';

/** A column of an input, as it is described, or as its file has it. */
type InputColumn = Pick<ColumnEntry, 'name' | 'type' | 'role' | 'auto' | 'indexChoice'> &
  Pick<ColumnDescription, 'storage'>;

interface Input {
  readonly columns: readonly InputColumn[];
}

/**
 * The dimensions of what is made of these inputs: those of the schema, of which `auto` ones have the type that all values
 * fit, and behind them those that only the inputs have, in order of appearance.
 */
export function outputDimensions(
  inputs: readonly Input[],
  { dimensions, metrics }: SegmentSchema,
): DimensionSchema[] {
  const all = new Map<string, InputColumn[]>();
  for (const { columns } of inputs) {
    for (const column of columns) {
      const known = all.get(column.name);
      if (known === undefined) all.set(column.name, [column]);
      else known.push(column);
    }
  }
  const named = new Set([...dimensions, ...metrics].map(({ name }) => name));
  const further = Array.from(all.values(), (columns) =>
    columns.filter(({ name, role }) => role === 'dimension' && !named.has(name)),
  );
  return [
    ...dimensions.map((each) => withTypeOf(each, all.get(each.name) ?? [])),
    ...further.filter((columns) => columns.length > 0).map(furtherDimension),
  ];
}

function withTypeOf(dimension: DimensionSchema, columns: readonly InputColumn[]): DimensionSchema {
  if (dimension.auto === undefined) return dimension;
  const auto = columns
    .map((column) => column.auto ?? autoTypeOfColumn(column.type))
    .reduce<AutoType>(joinAutoTypes, 'NOTHING');
  return { ...dimension, type: autoColumnType(auto), auto };
}

function furtherDimension(columns: readonly InputColumn[]): DimensionSchema {
  const { name, storage, indexChoice } = columns[0]!;
  const { type, auto } = mergedType(columns);
  const indexes = indexChoice ?? storage?.indexChoice;
  return {
    name,
    type: dimensionType(type),
    multiValueHandling: 'ARRAY',
    ...(auto && { auto }),
    ...(indexes && { indexes }),
  };
}

const dimensionType = (type: ValueType): DimensionType =>
  type === JSON_TYPE || !isComplexType(type) ? type : 'STRING';
