import { parseOneOf, type SpecFamily } from '../spec.js';
import type { Dimension, DimensionReader } from './dimension.js';
import { readListFiltered, readPrefixFiltered, readRegexFiltered } from './filtered.js';
import { readDefault, readExtraction, readLookupDimension } from './plain.js';

const FAMILY: SpecFamily<Dimension> = {
  role: 'DimensionSpec',
  types: new Map<string, DimensionReader>([
    ['default', readDefault],
    ['extraction', readExtraction],
    ['listFiltered', readListFiltered],
    ['regexFiltered', readRegexFiltered],
    ['prefixFiltered', readPrefixFiltered],
    ['lookup', readLookupDimension],
  ]),
  expand(json) {
    if (typeof json === 'string') return { type: 'default', dimension: json, outputName: json };
    const untyped =
      typeof json === 'object' && json !== null && 'dimension' in json && !('type' in json);
    return untyped ? { type: 'default', ...json } : json;
  },
};

/** Reads a dimension spec, also a bare column name. Throws a UserError that names the field. */
export function parseDimension(json: unknown, field: string): Dimension {
  return parseOneOf(FAMILY, json, field);
}
