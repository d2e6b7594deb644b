import { z } from 'zod';
import { UserError } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import {
  autoDimension,
  type DimensionSchema,
  type DimensionType,
  type MultiValueHandling,
} from '../../segments/index.js';
import {
  flagField,
  jsonField,
  readFields,
  requiredText,
  shown,
  textField,
  textsField,
} from './fields.js';
import { readIndexChoice } from './index-choice.js';
import type { Problems } from './problems.js';
import type { DimensionsSpec } from './task-spec.js';

const Dimensions = z.object({
  dimensions: z.array(jsonField, { error: 'want a list' }).nullish(),
  dimensionExclusions: textsField,
  includeAllDimensions: flagField(false),
  useSchemaDiscovery: flagField(false),
  spatialDimensions: z.array(jsonField, { error: 'want a list' }).nullish(),
  forceSegmentSortByTime: flagField(true),
});

/** What each type of a dimension is stored as. */
const STORED_AS: ReadonlyMap<string, DimensionType> = new Map([
  ['string', 'STRING'],
  ['long', 'LONG'],
  ['double', 'DOUBLE'],
  ['float', 'FLOAT'],
  ['json', 'COMPLEX<json>'],
  ['complex<json>', 'COMPLEX<json>'],
  ['array<string>', 'ARRAY<STRING>'],
  ['array<long>', 'ARRAY<LONG>'],
  ['array<double>', 'ARRAY<DOUBLE>'],
]);

/** Types of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set(['spatial']);

const HANDLINGS: readonly MultiValueHandling[] = ['SORTED_ARRAY', 'SORTED_SET', 'ARRAY'];

/** Reads a `dimensionsSpec`. Without listed dimensions every field becomes one. */
export function readDimensions(
  json: unknown,
  field: string,
  timestampColumn: string,
  metrics: readonly Aggregator[],
  problems: Problems,
): DimensionsSpec {
  const spec = readFields(Dimensions, json, field);
  const listed = problems.each(spec.dimensions, `${field}.dimensions`, readDimension);
  if ((spec.spatialDimensions ?? []).length > 0) {
    problems.add(
      `${field}.spatialDimensions`,
      `spatial dimensions are not built yet; make a text of the coordinates by a transform such as concat(x, ',', y), which spatial filters read; got ${shown(spec.spatialDimensions)}`,
    );
  }
  if (!spec.forceSegmentSortByTime) {
    problems.add(
      `${field}.forceSegmentSortByTime`,
      'other orders than by time are not built yet; leave it out; got false',
    );
  }
  const discovers = (spec.dimensions ?? []).length === 0 || spec.includeAllDimensions;
  return {
    listed,
    discover: discovers ? (spec.useSchemaDiscovery ? 'typed' : 'strings') : 'none',
    excluded: new Set([
      timestampColumn,
      '__time',
      ...spec.dimensionExclusions,
      ...metrics.flatMap(({ name, inputs }) => [name, ...inputs]),
    ]),
  };
}

const Dimension = z.object({
  type: textField('string'),
  name: requiredText,
  multiValueHandling: textField('SORTED_ARRAY'),
  castToType: textField(null),
  createBitmapIndex: flagField(null),
  indexes: textsField,
});

function readDimension(json: unknown, field: string): DimensionSchema {
  if (typeof json === 'string')
    return { name: json, type: 'STRING', multiValueHandling: 'SORTED_ARRAY' };
  const {
    name,
    type: typeName,
    multiValueHandling,
    castToType,
    ...indexFields
  } = readFields(Dimension, json, field);
  const type = typeOf(typeName, castToType, field);
  const handling = HANDLINGS.find((known) => known === multiValueHandling.toUpperCase());
  if (handling === undefined) {
    throw new UserError(
      `${field}.multiValueHandling: want one of ${HANDLINGS.join(', ')}; got ${shown(multiValueHandling)}`,
      'spec',
      `${field}.multiValueHandling`,
    );
  }
  const dimension =
    type === 'AUTO' ? autoDimension(name) : { name, type, multiValueHandling: handling };
  // Of a type that is not known yet, as of JSON: those that fit are made.
  const indexes = readIndexChoice(indexFields, type === 'AUTO' ? 'COMPLEX<json>' : type, field);
  return indexes === undefined ? dimension : { ...dimension, indexes };
}

function typeOf(
  typeName: string,
  castToType: string | null,
  field: string,
): DimensionType | 'AUTO' {
  if (typeName.toLowerCase() !== 'auto') return storedType(typeName, `${field}.type`);
  return castToType === null ? 'AUTO' : storedType(castToType, `${field}.castToType`);
}

function storedType(typeName: string, field: string): DimensionType {
  const type = STORED_AS.get(typeName.toLowerCase());
  if (type !== undefined) return type;
  const known = [...STORED_AS.keys(), 'auto'].join(', ');
  const why = NOT_BUILT.has(typeName)
    ? `dimensions of type '${typeName}' are not built yet; use one of ${known}`
    : `want one of ${known}; got ${shown(typeName)}`;
  throw new UserError(`${field}: ${why}`, 'spec', field);
}
