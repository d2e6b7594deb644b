import { COUNTS } from './counts-testing.js';
import { DISTINCT } from './distinct-testing.js';
import { QUANTILES } from './quantiles-testing.js';

/** All that keep the contract of a sketch. */
export const SKETCHES = [...DISTINCT, ...QUANTILES, ...COUNTS];
