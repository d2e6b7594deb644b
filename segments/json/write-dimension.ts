import { pathColumn } from '../../model/index.js';
import type { Vector } from '../encodings/vector.js';
import type { SegmentWriter } from '../format/segment-writer.js';
import type { DimensionSchema } from '../schema.js';
import { pathVectors } from './path-vectors.js';

/** Writes a dimension, and behind one of JSON the columns of its paths. */
export function writeDimension(
  writer: SegmentWriter,
  { name, auto, indexes }: DimensionSchema,
  vector: Vector,
): void {
  if (vector.kind !== 'JSON') {
    writer.column(name, 'dimension', vector, { indexes, auto });
    return;
  }
  const { vectors, isComplete } = pathVectors(vector);
  const whole = { ...vector, paths: isComplete ? 'all' : 'some' } as const;
  writer.column(name, 'dimension', whole, { indexes, auto });
  for (const { path, vector: values } of vectors) {
    writer.column(pathColumn(name, path), 'path', values, { indexes });
  }
}
