import { inOrder } from '../../../core/index.js';
import type { SpecReader } from '../../../model/index.js';
import { childField } from '../../native/fields.js';
import { compareRows, readColumnOrders } from '../row-order.js';
import type { WindowOperator } from './operator.js';

/** Sorts all rows; what was partitioned is one again. Rows that are equal stay in their order. */
export const readNaiveSort: SpecReader<WindowOperator> = (json, field) => {
  const path = childField(field, 'columns');
  const orders = readColumnOrders(json.columns, path);
  return {
    inputs: orders.map(({ column }) => column),
    outputs: [],
    *run(rows) {
      return rows.arranged(yield* inOrder(rows.order, compareRows(rows, orders, path)));
    },
  };
};

/** Sorts the rows of each partition. */
export const readPartitionSort: SpecReader<WindowOperator> = (json, field) => {
  const path = childField(field, 'columns');
  const orders = readColumnOrders(json.columns, path);
  return {
    inputs: orders.map(({ column }) => column),
    outputs: [],
    *run(rows, pace) {
      const compare = compareRows(rows, orders, path);
      const order = rows.order.slice();
      for (let part = 0; part < rows.partitionCount; part++) {
        const [from, to] = [rows.starts[part]!, rows.starts[part + 1]!];
        if (to - from > 1) order.set(yield* inOrder(order.subarray(from, to), compare), from);
        if (pace.isDue(1)) yield;
      }
      return rows.arranged(order, rows.starts);
    },
  };
};
