import type { SegmentDirectory } from '../format/directory.js';
import type { SegmentSchema } from '../schema.js';
import { outputDimensions } from '../seal/output-dimensions.js';

/**
 * Whether files can be merged as they are, by `mergeSegments`: their rows are in the order of the output, of which each has
 * some of the dimensions, in their order and types, and are told apart already where equal ones are combined. Of times
 * nothing is asked: the caller knows that truncation leaves them as they are, or as they were.
 */
export function isMergeable(
  directories: readonly SegmentDirectory[],
  schema: SegmentSchema,
): boolean {
  const dimensions = outputDimensions(directories, schema);
  const places = new Map(dimensions.map(({ name, type }, place) => [name, { type, place }]));
  const metrics = new Set(schema.metrics.map(({ name }) => name));
  return directories.every((directory) => {
    if (schema.rollup && !directory.rollup) return false;
    let last = -1;
    return directory.columns.every((column) => {
      // Columns of paths are made anew.
      if (column.role === 'path') return true;
      if (column.role !== 'dimension') return !places.has(column.name);
      const known = places.get(column.name);
      const isInOrder = known !== undefined && known.place > last && column.type === known.type;
      last = known?.place ?? last;
      return isInOrder && !metrics.has(column.name);
    });
  });
}
