import { parseOneOf, type SpecFamily, type SpecReader } from '../spec.js';
import { readComparison } from './comparison.js';
import type { Having } from './having.js';
import { readAnd, readConstant, readNot, readOr } from './logic.js';
import { readDimSelector, readFilterHaving } from './row-filter.js';

const FAMILY: SpecFamily<Having> = {
  role: 'HavingSpec',
  types: new Map<string, SpecReader<Having>>([
    ['equalTo', readComparison((order) => order === 0)],
    ['greaterThan', readComparison((order) => order > 0)],
    ['lessThan', readComparison((order) => order < 0)],
    ['dimSelector', readDimSelector],
    ['filter', readFilterHaving],
    ['and', readAnd],
    ['or', readOr],
    ['not', readNot],
    ['always', readConstant(true)],
    ['never', readConstant(false)],
  ]),
};

/** Reads a having spec. Throws a UserError that names the field. */
export function parseHaving(json: unknown, field: string): Having {
  return parseOneOf(FAMILY, json, field);
}
