import { z } from 'zod';
import { castValue } from '../expressions/cast.js';
import type { ColumnReader } from '../rows.js';
import { nameSpec, readSpec } from '../spec.js';
import { scalarText } from '../text.js';
import {
  elementType,
  isArrayType,
  isComplexType,
  type Scalar,
  type ScalarType,
  type ValueType,
} from '../types.js';
import type { DimensionReader } from './dimension.js';
import type { ExtractionFn } from './extraction/extraction-fn.js';
import { optionalExtraction, requiredExtraction } from './extraction/registry.js';
import { eachElement, mappedReader } from './mapped-reader.js';

const OUTPUT_TYPES = [
  'STRING',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'ARRAY<STRING>',
  'ARRAY<LONG>',
  'ARRAY<DOUBLE>',
] as const;

const Schema = z.object({
  dimension: nameSpec,
  outputName: z.string().min(1, 'must not be empty').nullish(),
  outputType: z
    .string()
    .transform((name) => name.toUpperCase())
    .pipe(z.enum(OUTPUT_TYPES, { error: `want one of ${OUTPUT_TYPES.join(', ')}` }))
    .nullish(),
  extractionFn: z.unknown().optional(),
});

/** A column as it is, cast to `outputType` (STRING unless given). */
export const readDefault: DimensionReader = (json, field) => dimensionOf(json, field, null);

/** A column through an extraction function. */
export const readExtraction: DimensionReader = (json, field) =>
  dimensionOf(json, field, requiredExtraction(json.extractionFn, `${field}.extractionFn`));

/** A column through a lookup: the options of the `lookup` extraction function, written flat. */
export const readLookupDimension: DimensionReader = (json, field) => {
  const lookup = json.lookup ?? json.name;
  return dimensionOf(json, field, optionalExtraction({ ...json, type: 'lookup', lookup }, field));
};

function dimensionOf(
  json: Parameters<DimensionReader>[0],
  field: string,
  extraction: ExtractionFn | null,
): ReturnType<DimensionReader> {
  const { dimension, outputName, outputType } = readSpec(Schema, json, field);
  const type = outputType ?? 'STRING';
  return {
    outputName: outputName ?? dimension,
    outputType: type,
    spec: json,
    inputs: [dimension],
    reader: (source) => casting(extracting(source.column(dimension), extraction), type),
  };
}

function extracting(reader: ColumnReader, extraction: ExtractionFn | null): ColumnReader {
  if (extraction === null) return reader;
  const { type } = reader;
  if (isComplexType(type))
    return mappedReader(reader, 'STRING', () => extraction.apply(null, 'STRING'));
  const scalarType = isArrayType(type) ? elementType(type) : type;
  return mappedReader(
    reader,
    'STRING',
    eachElement((value) => extraction.apply(value, scalarType)),
  );
}

/** The reader with every value cast to `to`; itself when there is nothing to do. */
function casting(reader: ColumnReader, to: ValueType): ColumnReader {
  const { type: from } = reader;
  if (from === to) return reader;
  if (isComplexType(from)) return mappedReader(reader, to, () => null);
  const castOne = castTo(isArrayType(from) ? elementType(from) : from, to);
  const cast = eachElement(castOne);
  if (!isArrayType(to)) {
    const mapped = mappedReader(reader, to, cast);
    return isArrayType(from) ? { ...mapped, multiValue: true } : mapped;
  }
  const mapped = mappedReader(reader, to, (cell) =>
    cell === null || Array.isArray(cell) ? cast(cell) : [castOne(cell as Scalar)],
  );
  return { ...mapped, multiValue: false };
}

function castTo(from: ScalarType, to: ValueType): (value: Scalar) => Scalar {
  const scalarTo = isArrayType(to) ? elementType(to) : to;
  if (scalarTo === from) return (value) => value;
  if (scalarTo === 'STRING') return (value) => scalarText(value, from);
  return (value) => castValue(value, from, scalarTo) as Scalar;
}
