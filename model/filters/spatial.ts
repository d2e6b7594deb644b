import { z } from 'zod';
import { parseDouble } from '../decimal.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { columnFilter, NEVER, unlessNull } from './column-filter.js';
import type { Filter } from './filter.js';
import { parseSpatialBound } from './spatial-bound.js';

const Schema = z.object({ dimension: nameSpec, bound: jsonSpec });

/**
 * Points within a bound. They are texts of coordinates, `x,y`, as Druid stores spatial dimensions; what is no such text, or has
 * fewer coordinates than the bound, lies in no bound.
 */
export const readSpatial: SpecReader<Filter> = (json, field) => {
  const { dimension, bound } = readSpec(Schema, json, field);
  const contains = parseSpatialBound(bound, `${field}.bound`);
  const test = unlessNull((text) => contains(coordinatesOf(text as string)));
  return columnFilter({
    spec: json,
    column: dimension,
    testOf: (type) => (type === 'STRING' ? test : NEVER),
  });
};

const NOWHERE: readonly number[] = [];

/** A coordinate that is missing is undefined, which is in no range. */
function coordinatesOf(text: string): readonly number[] {
  const coordinates = text.split(',').map((each) => parseDouble(each.trim()) ?? Number.NaN);
  return coordinates.every(Number.isFinite) ? coordinates : NOWHERE;
}
