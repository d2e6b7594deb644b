import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { parseExactLong } from '../decimal.js';
import type { ExtractionFn } from '../dimensions/extraction/extraction-fn.js';
import { optionalExtraction, requiredExtraction } from '../dimensions/extraction/registry.js';
import { jsonSpec, nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import type { Scalar, ScalarType } from '../types.js';
import { columnFilter, type ElementTest, NEVER, unlessNull } from './column-filter.js';
import { FALSE, type Filter, TRUE, UNKNOWN } from './filter.js';
import { literalText } from './literal.js';
import { pointsForm } from './number-form.js';
import { textTest } from './text-test.js';
import { timeBounds } from './time-bounds.js';

const Schema = z.object({
  dimension: nameSpec,
  value: optionalText,
  extractionFn: jsonSpec,
});

/** Equality with a text in the column's own type; a null value asks, definitely, for null rows. */
export const readSelector: SpecReader<Filter> = (json, field) =>
  selector(json, field, optionalExtraction);

/** The old name of a selector with an extraction function. */
export const readExtraction: SpecReader<Filter> = (json, field) =>
  selector(json, field, requiredExtraction);

function selector(
  json: JsonObject,
  field: string,
  readExtractionFn: (json: unknown, field: string) => ExtractionFn | null,
): Filter {
  const { dimension, value, extractionFn } = readSpec(Schema, json, field);
  const extraction = readExtractionFn(extractionFn, `${field}.extractionFn`);
  const exact = value === null ? null : parseExactLong(value);
  return columnFilter({
    spec: json,
    column: dimension,
    extraction,
    testOf: (type) => (value === null ? IS_NULL : equalsLiteral(literalText(value, type), type)),
    numbersOf: (type) =>
      value === null
        ? { ranges: [], points: [], forNull: TRUE }
        : pointsForm([literalText(value, type)], UNKNOWN),
    texts:
      value === null
        ? textTest({ kind: 'points', texts: [] }, TRUE)
        : textTest({ kind: 'points', texts: [value] }, UNKNOWN),
    intervals: extraction || exact === null ? null : timeBounds(dimension, exact, exact),
  });
}

export const IS_NULL: ElementTest = (value) => (value === null ? TRUE : FALSE);

/** Equality with a literal already in the column's type; null stands for a literal no value equals. */
export function equalsLiteral(literal: Scalar, type: ScalarType): ElementTest {
  if (literal === null) return NEVER;
  if (type !== 'STRING' && Number.isNaN(literal)) return unlessNull((value) => Number.isNaN(value));
  return unlessNull((value) => value === literal);
}
