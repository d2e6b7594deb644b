import { parseEach, parseOneOf, type SpecFamily } from '../../../model/index.js';
import type { WindowOperator } from './operator.js';
import { readPartition } from './partition.js';
import { readScanOperator } from './scan.js';
import { readNaiveSort, readPartitionSort } from './sort.js';
import { readWindow } from './window.js';

const FAMILY: SpecFamily<WindowOperator> = {
  role: 'OperatorFactory',
  types: new Map([
    ['naiveSort', readNaiveSort],
    ['naivePartition', readPartition],
    ['glueingPartition', readPartition],
    ['partitionSort', readPartitionSort],
    ['window', readWindow],
    ['scan', readScanOperator],
  ]),
};

/** Reads the operators of a window query; an absent list is empty. Throws a UserError that names the field. */
export const parseOperators = (json: unknown, field: string): WindowOperator[] =>
  parseEach(json, field, (item, path) => parseOneOf(FAMILY, item, path));
