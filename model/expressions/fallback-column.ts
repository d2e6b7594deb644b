import { z } from 'zod';
import type { Dimension } from '../dimensions/dimension.js';
import { mappedReader } from '../dimensions/mapped-reader.js';
import { parseDimension } from '../dimensions/registry.js';
import { leastRestrictive } from '../least-restrictive.js';
import { type ColumnReader, NULL_READER, type RowSource } from '../rows.js';
import { distinct, nameSpec, parseEach, readSpec, type SpecReader } from '../spec.js';
import type { Value, ValueType } from '../types.js';
import { emptyToNull } from './filtered-column.js';
import { castReader } from './output-type.js';
import type { VirtualColumn } from './virtual-column.js';

const FallbackSchema = z.object({
  name: nameSpec,
  columns: z
    .array(z.unknown(), { error: 'want a list of columns or dimension specs' })
    .min(1, 'must not be empty'),
});

/**
 * The first of several columns that is not null, row by row: a column that is not there is null in every row, so that
 * no answer depends on which segments have it. Its type is told by the specs alone, for the same reason.
 */
export const readFallbackColumn: SpecReader<VirtualColumn> = (json, field) => {
  const { name, columns } = readSpec(FallbackSchema, json, field);
  const dimensions = parseEach(columns, `${field}.columns`, parseDimension);
  const [first, ...rest] = dimensions.map(({ outputType }) => outputType);
  const type = leastRestrictive([first!, ...rest]);
  return {
    name,
    spec: json,
    inputs: distinct(dimensions.flatMap(({ inputs }) => inputs)),
    reader: (source) => firstKnown(dimensions, source, type),
    expression: null,
    outputType: type,
  };
};

function firstKnown(
  dimensions: readonly Dimension[],
  source: RowSource,
  type: ValueType,
): ColumnReader {
  const readers = dimensions
    .map((dimension) => mappedReader(castReader(dimension.reader(source), type), type, emptyToNull))
    .filter(({ exists }) => exists);
  if (readers.length <= 1) return readers[0] ?? { ...NULL_READER, type };
  const get = (): Value => {
    for (const reader of readers) {
      const cell = reader.get();
      if (cell !== null) return cell;
    }
    return null;
  };
  return { type, multiValue: readers.some(({ multiValue }) => multiValue), exists: true, get };
}
