import { parseOneOf, type SpecFamily } from '../../../model/index.js';
import { readComposing } from './composing.js';
import { readFirst, readLast } from './first-last.js';
import { readFramedAgg } from './framed-agg.js';
import { readOffset } from './offset.js';
import { readPercentile } from './percentile.js';
import type { Processor } from './processor.js';
import { readCumeDist, readDenseRank, readRank } from './rank.js';
import { readRowNumber } from './row-number.js';

const FAMILY: SpecFamily<Processor> = {
  role: 'Processor',
  types: new Map([
    ['composing', readComposing],
    ['cumeDist', readCumeDist],
    ['denseRank', readDenseRank],
    ['percentile', readPercentile],
    ['rank', readRank],
    ['rowNumber', readRowNumber],
    ['first', readFirst],
    ['last', readLast],
    ['offset', readOffset],
    ['framedAgg', readFramedAgg],
  ]),
};

/** Reads a processor of window functions. Throws a UserError that names the field. */
export const parseProcessor = (json: unknown, field: string): Processor =>
  parseOneOf(FAMILY, json, field);
