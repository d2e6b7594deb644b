import { z } from 'zod';
import { valueCaster } from '../expressions/cast.js';
import type { ColumnReader } from '../rows.js';
import { jsonSpec, nameSpec, readSpec } from '../spec.js';
import { elementType, isArrayType, isComplexType, type Scalar, type ValueType } from '../types.js';
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
  extractionFn: jsonSpec,
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
  if (isArrayType(from) && !isArrayType(to)) {
    const cast = valueCaster(elementType(from), to) as (value: Scalar) => Scalar;
    return { ...mappedReader(reader, to, eachElement(cast)), multiValue: true };
  }
  const mapped = mappedReader(reader, to, valueCaster(from, to));
  return isArrayType(to) ? { ...mapped, multiValue: false } : mapped;
}
