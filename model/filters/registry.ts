import { parseOneOf, type SpecFamily, type SpecReader } from '../spec.js';
import type { Interval } from '../time/interval.js';
import { readArrayContainsElement } from './array-contains.js';
import { readBloomFilter } from './bloom.js';
import { readBound } from './bound.js';
import { readColumnComparison } from './column-comparison.js';
import { readEquals } from './equals.js';
import { readExpression } from './expression.js';
import { FALSE, type Filter, TRUE } from './filter.js';
import { readIn } from './in.js';
import { readInType } from './in-type.js';
import { readInterval } from './interval.js';
import { readJsonMatch } from './json-match.js';
import { readLike } from './like.js';
import { readAnd, readConstant, readIs, readNot, readOr } from './logic.js';
import { readNull } from './null.js';
import { readRange } from './range.js';
import { readRegex } from './regex.js';
import { readSearch } from './search.js';
import { readExtraction, readSelector } from './selector.js';
import { readSpatial } from './spatial.js';
import { readTextMatch } from './text-match.js';

const FAMILY: SpecFamily<Filter> = {
  role: 'DimFilter',
  types: new Map<string, SpecReader<Filter>>([
    ['selector', readSelector],
    ['extraction', readExtraction],
    ['equals', readEquals],
    ['null', readNull],
    ['in', readIn],
    ['inType', readInType],
    ['bound', readBound],
    ['range', readRange],
    ['arrayContainsElement', readArrayContainsElement],
    ['interval', readInterval],
    ['like', readLike],
    ['regex', readRegex],
    ['search', readSearch],
    ['textMatch', readTextMatch],
    ['jsonMatch', readJsonMatch],
    ['bloom', readBloomFilter],
    ['columnComparison', readColumnComparison],
    ['spatial', readSpatial],
    ['expression', readExpression],
    ['and', readAnd],
    ['or', readOr],
    ['not', readNot],
    ['true', readConstant(TRUE)],
    ['false', readConstant(FALSE)],
    ['istrue', readIs(TRUE)],
    ['isfalse', readIs(FALSE)],
  ]),
  refused: new Map([
    ['javascript', 'code of users never runs in the server; use an "expression" filter'],
  ]),
};

/** Reads a filter. Throws a UserError that names the field. */
export function parseFilter(json: unknown, field = 'filter'): Filter {
  return parseOneOf(FAMILY, json, field);
}

/** The intervals outside of which no row can match, by the filter's bounds on `__time`; null when it has none. */
export function filterIntervals(filter: Filter): Interval[] | null {
  return filter.intervals === undefined ? null : [...filter.intervals];
}
