import { z } from 'zod';
import type { SpecReader } from '../../../model/index.js';
import { badField, childField, integerField, readFields, textField } from '../../native/fields.js';
import type { Processor } from './processor.js';

const Schema = z.object({ inputColumn: textField, outputColumn: textField, offset: integerField });

/** The value of the row so many rows behind in the partition, before it where `offset` is negative; null where there is none. */
export const readOffset: SpecReader<Processor> = (json, field) => {
  const { inputColumn, outputColumn: name, offset } = readFields(Schema, json, field);
  if (offset === null) {
    throw badField(childField(field, 'offset'), 'must be given, such as -1 for the row before');
  }
  return {
    inputs: [inputColumn],
    outputs: [name],
    *process(rows, pace) {
      const input = rows.columns.get(inputColumn);
      const values = rows.newValues();
      for (let part = 0; input !== undefined && part < rows.partitionCount; part++) {
        const [from, to] = [rows.starts[part]!, rows.starts[part + 1]!];
        for (let at = Math.max(from, from - offset); at < Math.min(to, to - offset); at++) {
          values[rows.order[at]!] = input.values[rows.order[at + offset]!]!;
          if (pace.isDue(1)) yield;
        }
        if (pace.isDue(1)) yield;
      }
      return [{ name, type: input?.type ?? 'STRING', values }];
    },
  };
};
