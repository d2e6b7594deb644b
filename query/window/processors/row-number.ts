import { z } from 'zod';
import type { SpecReader } from '../../../model/index.js';
import { readFields, textField } from '../../native/fields.js';
import type { Processor } from './processor.js';

const Schema = z.object({ outputColumn: textField });

/** 1 for the first row of a partition, 2 for the next. */
export const readRowNumber: SpecReader<Processor> = (json, field) => {
  const { outputColumn: name } = readFields(Schema, json, field);
  return {
    inputs: [],
    outputs: [name],
    *process(rows, pace) {
      const values = rows.newValues();
      for (let part = 0; part < rows.partitionCount; part++) {
        const from = rows.starts[part]!;
        for (let at = from; at < rows.starts[part + 1]!; at++) {
          values[rows.order[at]!] = at - from + 1;
          if (pace.isDue(1)) yield;
        }
      }
      return [{ name, type: 'LONG', values }];
    },
  };
};
