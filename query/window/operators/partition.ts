import { z } from 'zod';
import type { SpecReader } from '../../../model/index.js';
import { childField, namesField, readFields } from '../../native/fields.js';
import { ascending, compareRows, runsOf } from '../row-order.js';
import { wholeOf } from '../window-rows.js';
import type { WindowOperator } from './operator.js';

const Schema = z.object({ partitionColumns: namesField });

/**
 * Neighbours with the same values become a partition, whatever was one before. Nothing is sorted. Druid's `glueingPartition`
 * comes to the same, since all rows are in one place.
 */
export const readPartition: SpecReader<WindowOperator> = (json, field) => {
  const { partitionColumns } = readFields(Schema, json, field);
  return {
    inputs: partitionColumns,
    outputs: [],
    *run(rows, pace) {
      const path = childField(field, 'partitionColumns');
      const compare = compareRows(rows, ascending(partitionColumns), path);
      return rows.arranged(rows.order, yield* runsOf(rows, wholeOf(rows.order), compare, pace));
    },
  };
};
