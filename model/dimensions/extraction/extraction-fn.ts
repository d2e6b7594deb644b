import type { JsonObject } from '../../../core/index.js';
import type { SpecReader } from '../../spec.js';
import { scalarText } from '../../text.js';
import type { Scalar, ScalarType } from '../../types.js';

/** Turns a value of a column into a text or null. Pure. */
export interface ExtractionFn {
  readonly spec: JsonObject;
  apply(value: Scalar, type: ScalarType): string | null;
}

export type ExtractionReader = SpecReader<ExtractionFn>;

/** An extraction function that sees every value as text, nulls included. */
export const overText = (
  spec: JsonObject,
  fn: (text: string | null) => string | null,
): ExtractionFn => ({ spec, apply: (value, type) => fn(scalarText(value, type)) });

/** An extraction function over text that leaves null alone. */
export const overNonNull = (spec: JsonObject, fn: (text: string) => string | null): ExtractionFn =>
  overText(spec, (text) => (text === null ? null : fn(text)));
