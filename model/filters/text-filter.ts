import type { JsonObject } from '../../core/index.js';
import { optionalExtraction } from '../dimensions/extraction/registry.js';
import { scalarText } from '../text.js';
import { columnFilter, unlessNull } from './column-filter.js';
import type { Filter } from './filter.js';
import type { TextTest } from './text-test.js';

/** A filter that tests the text of a value, whatever the column's type; unknown for null. `texts` is the same as data. */
export function textFilter(
  json: JsonObject,
  field: string,
  dimension: string,
  accepts: (text: string) => boolean,
  texts: TextTest | null,
): Filter {
  return columnFilter({
    spec: json,
    column: dimension,
    extraction: optionalExtraction(json.extractionFn, `${field}.extractionFn`),
    testOf: (type) => unlessNull((value) => accepts(scalarText(value, type)!)),
    texts,
  });
}
