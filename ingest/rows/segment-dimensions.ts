import type { DimensionSchema, MutableSegment } from '../../segments/index.js';

/** The dimensions that rows so far have values in, or may have. */
export const seenDimensions = (dimensions: readonly DimensionSchema[]): DimensionSchema[] =>
  dimensions.filter(({ auto }) => auto !== 'NOTHING');

/**
 * Readies a segment for rows that have these dimensions. False: it holds one of them as something else by now, and such
 * rows belong in another segment.
 */
export function takesDimensions(
  segment: MutableSegment,
  dimensions: readonly DimensionSchema[],
): boolean {
  const known = new Map(segment.schema.dimensions.map((dimension) => [dimension.name, dimension]));
  const fresh: DimensionSchema[] = [];
  for (const dimension of seenDimensions(dimensions)) {
    const own = known.get(dimension.name);
    if (own === undefined) fresh.push(dimension);
    else if (own.type !== dimension.type || own.auto !== dimension.auto) return false;
  }
  for (const dimension of fresh) segment.addDimension(dimension);
  return true;
}
