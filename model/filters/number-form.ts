import type { Scalar } from '../types.js';
import { type NumberTest, type Ternary, UNKNOWN } from './filter.js';

/** No number matches; null is unknown. */
export const NO_NUMBER: NumberTest = { ranges: [], points: [], forNull: UNKNOWN };

/** Equality with one of the literals, which are in the column's type; null is one that no number equals. */
export const pointsForm = (literals: readonly Scalar[], forNull: Ternary): NumberTest => ({
  ranges: [],
  points: literals.filter((literal) => typeof literal === 'number' || typeof literal === 'bigint'),
  forNull,
});
