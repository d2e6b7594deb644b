import type { ScalarFunction } from './definition.js';
import { scalar } from './definition.js';

/**
 * The full forms of the time functions, with every argument given. All the ways to write a
 * time floor in SQL end in TIME_FLOOR, so that equal expressions are seen to be equal and
 * the planner has one form to look for.
 */

/** [time, period, origin or NULL, zone]; period and zone are literals. */
export const TIME_FLOOR: ScalarFunction = scalar(
  'TIME_FLOOR',
  'time string! time! string!',
  'TIMESTAMP',
  'timestamp_floor',
  '',
);
export const TIME_CEIL: ScalarFunction = scalar(
  'TIME_CEIL',
  'time string! time! string!',
  'TIMESTAMP',
  'timestamp_ceil',
  '',
);
/** [time, period, step, zone] */
export const TIME_SHIFT: ScalarFunction = scalar(
  'TIME_SHIFT',
  'time string! integer string!',
  'TIMESTAMP',
  'timestamp_shift',
  '',
);
/** [time, unit, zone] */
export const TIME_EXTRACT: ScalarFunction = scalar(
  'TIME_EXTRACT',
  'time string! string!',
  'BIGINT',
  'timestamp_extract',
  '',
);
/** [text, pattern or NULL, zone] */
export const TIME_PARSE: ScalarFunction = scalar(
  'TIME_PARSE',
  'string string! string!',
  'TIMESTAMP',
  'timestamp_parse',
  '',
);
/** [time, pattern or NULL, zone] */
export const TIME_FORMAT: ScalarFunction = scalar(
  'TIME_FORMAT',
  'time string! string!',
  'VARCHAR',
  'timestamp_format',
  '',
);
/** [later, earlier, zone]: whole months between. */
export const SUBTRACT_MONTHS: ScalarFunction = scalar(
  'SUBTRACT_MONTHS',
  'time time string!',
  'BIGINT',
  'subtract_months',
  '',
);
/** [difference in milliseconds, milliseconds of a unit] */
export const WHOLE_UNITS: ScalarFunction = scalar(
  'WHOLE_UNITS',
  'integer integer',
  'BIGINT',
  'div',
  '',
);
