import { z } from 'zod';
import { UserError } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import type { DimensionSchema, MultiValueHandling } from '../../segments/index.js';
import {
  flagField,
  jsonField,
  readFields,
  requiredText,
  shown,
  textField,
  textsField,
} from './fields.js';
import type { DimensionsSpec } from './task-spec.js';

const Dimensions = z.object({
  dimensions: z.array(jsonField, { error: 'want a list' }).nullish(),
  dimensionExclusions: textsField,
  includeAllDimensions: flagField(false),
  useSchemaDiscovery: flagField(false),
});

/** What each type of a dimension is stored as. */
const STORED_AS: ReadonlyMap<string, DimensionSchema['type']> = new Map([
  ['string', 'STRING'],
  ['long', 'LONG'],
  ['double', 'DOUBLE'],
  ['float', 'FLOAT'],
]);

const HANDLINGS: readonly MultiValueHandling[] = ['SORTED_ARRAY', 'SORTED_SET', 'ARRAY'];

/** Reads a `dimensionsSpec`. Without listed dimensions every field becomes one. */
export function readDimensions(
  json: unknown,
  field: string,
  timestampColumn: string,
  metrics: readonly Aggregator[],
): DimensionsSpec {
  const spec = readFields(Dimensions, json, field);
  const listed = (spec.dimensions ?? []).map((item, i) =>
    readDimension(item, `${field}.dimensions[${i}]`),
  );
  const discovers = listed.length === 0 || spec.includeAllDimensions;
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
});

function readDimension(json: unknown, field: string): DimensionSchema {
  if (typeof json === 'string')
    return { name: json, type: 'STRING', multiValueHandling: 'SORTED_ARRAY' };
  const { name, type: typeName, multiValueHandling } = readFields(Dimension, json, field);
  const type = STORED_AS.get(typeName.toLowerCase());
  if (type === undefined) {
    const known = [...STORED_AS.keys()].join(', ');
    throw new UserError(
      `${field}.type: want one of ${known}; got ${shown(typeName)}`,
      'spec',
      `${field}.type`,
    );
  }
  const handling = HANDLINGS.find((known) => known === multiValueHandling.toUpperCase());
  if (handling === undefined) {
    throw new UserError(
      `${field}.multiValueHandling: want one of ${HANDLINGS.join(', ')}; got ${shown(multiValueHandling)}`,
      'spec',
      `${field}.multiValueHandling`,
    );
  }
  return { name, type, multiValueHandling: handling };
}
