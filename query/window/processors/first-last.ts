import { z } from 'zod';
import type { JsonObject } from '../../../core/index.js';
import type { SpecReader } from '../../../model/index.js';
import { readFields, textField } from '../../native/fields.js';
import type { Processor } from './processor.js';

const Schema = z.object({ inputColumn: textField, outputColumn: textField });

/** The value of the first row of the partition. */
export const readFirst: SpecReader<Processor> = (json, field) =>
  readEnd(json, field, (from) => from);

/** The value of the last row of the partition. */
export const readLast: SpecReader<Processor> = (json, field) =>
  readEnd(json, field, (_, to) => to - 1);

function readEnd(
  json: JsonObject,
  field: string,
  positionOf: (from: number, to: number) => number,
): Processor {
  const { inputColumn, outputColumn: name } = readFields(Schema, json, field);
  return {
    inputs: [inputColumn],
    outputs: [name],
    *process(rows, pace) {
      const input = rows.columns.get(inputColumn);
      const values = rows.newValues();
      for (let part = 0; input !== undefined && part < rows.partitionCount; part++) {
        const [from, to] = [rows.starts[part]!, rows.starts[part + 1]!];
        const value = input.values[rows.order[positionOf(from, to)]!]!;
        for (let at = from; at < to; at++) values[rows.order[at]!] = value;
        if (pace.isDue(to - from)) yield;
      }
      return [{ name, type: input?.type ?? 'STRING', values }];
    },
  };
}
