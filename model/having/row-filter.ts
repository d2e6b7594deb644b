import { z } from 'zod';
import { TRUE } from '../filters/filter.js';
import { parseFilter } from '../filters/registry.js';
import { ResultRowSource } from '../result-row-source.js';
import { jsonSpec, readSpec, type SpecReader } from '../spec.js';
import type { Having } from './having.js';

const FilterSchema = z.object({ filter: jsonSpec });

/** Any filter over the fields of the result, `__time` included. */
export const readFilterHaving: SpecReader<Having> = (json, field) =>
  filterHaving(json, readSpec(FilterSchema, json, field).filter, `${field}.filter`);

/** A selector filter on a dimension, under its old name. */
export const readDimSelector: SpecReader<Having> = (json, field) =>
  filterHaving(json, { ...json, type: 'selector' }, field);

function filterHaving(spec: Having['spec'], filterJson: unknown, field: string): Having {
  const filter = parseFilter(filterJson, field);
  return {
    spec,
    compile(types) {
      const source = new ResultRowSource(types);
      const matches = filter.predicate(source);
      return (row) => {
        source.row = row;
        return matches() === TRUE;
      };
    },
  };
}
