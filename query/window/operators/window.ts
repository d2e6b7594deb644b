import type { SpecReader } from '../../../model/index.js';
import { childField } from '../../native/fields.js';
import { parseProcessor } from '../processors/registry.js';
import type { WindowOperator } from './operator.js';

/** Adds the columns that a processor makes of each partition. */
export const readWindow: SpecReader<WindowOperator> = (json, field) => {
  const processor = parseProcessor(json.processor, childField(field, 'processor'));
  const { inputs, outputs, aggregations = [] } = processor;
  return {
    inputs,
    outputs,
    aggregations,
    *run(rows, pace) {
      return rows.with(yield* processor.process(rows, pace));
    },
  };
};
