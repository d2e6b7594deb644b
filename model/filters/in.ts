import { z } from 'zod';
import { optionalExtraction } from '../dimensions/extraction/registry.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import type { Scalar, ScalarType } from '../types.js';
import { columnFilter, type ElementTest } from './column-filter.js';
import { FALSE, type Filter, type NumberTest, type Ternary, TRUE, UNKNOWN } from './filter.js';
import { literalText } from './literal.js';
import { pointsForm } from './number-form.js';
import { type TextTest, textTest } from './text-test.js';

const Schema = z.object({
  dimension: nameSpec,
  values: z.array(textSpec.nullable(), { error: 'want a list of texts or nulls' }),
  extractionFn: jsonSpec,
});

/** Membership of a list of texts, each read in the column's own type. */
export const readIn: SpecReader<Filter> = (json, field) => {
  const { dimension, values, extractionFn } = readSpec(Schema, json, field);
  return columnFilter({
    spec: json,
    column: dimension,
    extraction: optionalExtraction(extractionFn, `${field}.extractionFn`),
    testOf: (type) => memberOf(values, type),
    numbersOf: (type) => membersForm(values, type),
    texts: memberTexts(values),
  });
};

/** `memberOf` as data. */
export const membersForm = (
  values: readonly (string | null)[],
  type: Exclude<ScalarType, 'STRING'>,
  forNull: Ternary = nullMember(values),
): NumberTest =>
  pointsForm(
    values.map((text) => (text === null ? null : literalText(text, type))),
    forNull,
  );

/** `memberOf` texts as data. */
export const memberTexts = (
  values: readonly (string | null)[],
  forNull: Ternary = nullMember(values),
): TextTest | null =>
  textTest({ kind: 'points', texts: values.filter((text) => text !== null) }, forNull);

/**
 * What membership says of null: with a null among the values it is true, without one unknown, except that an
 * empty list is definitely false for every row.
 */
export const nullMember = (values: readonly unknown[]): Ternary =>
  values.includes(null) ? TRUE : values.length === 0 ? FALSE : UNKNOWN;

/** Tests membership of texts that are read as values of the type. */
export function memberOf(
  values: readonly (string | null)[],
  type: ScalarType,
  forNull: Ternary = nullMember(values),
): ElementTest {
  const members = new Set<Scalar>();
  for (const text of values) {
    const member = text === null ? null : literalText(text, type);
    if (member !== null) members.add(member);
  }
  return (value) => (value === null ? forNull : members.has(value) ? TRUE : FALSE);
}
