import { parseAggregators, type SpecReader } from '../../../model/index.js';
import { childField } from '../../native/fields.js';
import { foldFrames } from '../fold-frames.js';
import { boundsOf, readFrame } from '../frame.js';
import type { WindowColumn } from '../window-rows.js';
import type { Processor } from './processor.js';

/** Aggregators over a frame of rows around each row. */
export const readFramedAgg: SpecReader<Processor> = (json, field) => {
  const frameField = childField(field, 'frame');
  const frame = readFrame(json.frame, frameField);
  const aggregations = parseAggregators(json.aggregations, childField(field, 'aggregations'));
  const orderBy = frame.unit === 'groups' ? frame.orderBy : [];
  return {
    inputs: [...orderBy, ...aggregations.flatMap(({ inputs }) => inputs)],
    outputs: aggregations.map(({ name }) => name),
    aggregations,
    *process(rows, pace) {
      const bounds = yield* boundsOf(frame, rows, frameField, pace);
      const columns: WindowColumn[] = [];
      for (const aggregator of aggregations) {
        columns.push(yield* foldFrames(aggregator, rows, bounds, pace));
      }
      return columns;
    },
  };
};
