import { parseOneOf, type SpecFamily } from '../../spec.js';
import { readBucket } from './bucket.js';
import { readCascade } from './cascade.js';
import type { ExtractionFn, ExtractionReader } from './extraction-fn.js';
import { readLookup, readRegisteredLookup } from './lookup.js';
import { readPartial, readRegex } from './regex.js';
import { readSearchQuery } from './search-query.js';
import { readStringFormat } from './string-format.js';
import { readIdentity, readLower, readStrlen, readSubstring, readUpper } from './text.js';
import { readTime } from './time.js';
import { readTimeFormat } from './time-format.js';

const FAMILY: SpecFamily<ExtractionFn> = {
  role: 'ExtractionFn',
  types: new Map<string, ExtractionReader>([
    ['regex', readRegex],
    ['partial', readPartial],
    ['searchQuery', readSearchQuery],
    ['substring', readSubstring],
    ['strlen', readStrlen],
    ['timeFormat', readTimeFormat],
    ['time', readTime],
    ['lookup', readLookup],
    ['registeredLookup', readRegisteredLookup],
    ['cascade', readCascade],
    ['stringFormat', readStringFormat],
    ['upper', readUpper],
    ['lower', readLower],
    ['bucket', readBucket],
    ['identity', readIdentity],
  ]),
  refused: new Map([
    [
      'javascript',
      'code of users never runs in the server; use a virtual column with an expression',
    ],
  ]),
};

/** Reads an extraction function. Throws a UserError that names the field. */
export function requiredExtraction(json: unknown, field: string): ExtractionFn {
  return parseOneOf(FAMILY, json, field);
}

/** The same for a place where there may be none. */
export function optionalExtraction(json: unknown, field: string): ExtractionFn | null {
  return json === undefined || json === null ? null : parseOneOf(FAMILY, json, field);
}
