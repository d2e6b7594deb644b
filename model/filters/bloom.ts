import { z } from 'zod';
import { optionalExtraction } from '../dimensions/extraction/registry.js';
import { bloomOfText, bloomValue } from '../sketch-values/bloom.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { columnFilter } from './column-filter.js';
import { FALSE, type Filter, TRUE, UNKNOWN } from './filter.js';

const Schema = z.object({ dimension: nameSpec, bloomKFilter: nameSpec, extractionFn: jsonSpec });

/** Values that a Bloom filter, given in base64, may have; null is unknown unless it was added. */
export const readBloomFilter: SpecReader<Filter> = (json, field) => {
  const { dimension, bloomKFilter, extractionFn } = readSpec(Schema, json, field);
  const bloom = bloomOfText(bloomKFilter, `${field}.bloomKFilter`);
  const forNull = bloom.has(null) ? TRUE : UNKNOWN;
  return columnFilter({
    spec: json,
    column: dimension,
    extraction: optionalExtraction(extractionFn, `${field}.extractionFn`),
    testOf: (type) => (value) => {
      if (value === null) return forNull;
      return bloom.has(bloomValue(value, type)) ? TRUE : FALSE;
    },
  });
};
