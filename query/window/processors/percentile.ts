import { z } from 'zod';
import type { SpecReader } from '../../../model/index.js';
import {
  badField,
  childField,
  integerField,
  readFields,
  shown,
  textField,
} from '../../native/fields.js';
import type { Processor } from './processor.js';

const Schema = z.object({ outputColumn: textField, numBuckets: integerField });

/** SQL's NTILE: which of so many buckets of neighbours a row is in. Those that take a row more than others come first. */
export const readPercentile: SpecReader<Processor> = (json, field) => {
  const { outputColumn: name, numBuckets } = readFields(Schema, json, field);
  if (numBuckets === null || numBuckets < 1) {
    throw badField(
      childField(field, 'numBuckets'),
      `want 1 or more; got ${shown(json.numBuckets)}`,
    );
  }
  return {
    inputs: [],
    outputs: [name],
    *process(rows, pace) {
      const values = rows.newValues();
      for (let part = 0; part < rows.partitionCount; part++) {
        const [from, to] = [rows.starts[part]!, rows.starts[part + 1]!];
        const bucketOf = bucketsOf(to - from, numBuckets);
        for (let at = from; at < to; at++) {
          values[rows.order[at]!] = bucketOf(at - from);
          if (pace.isDue(1)) yield;
        }
      }
      return [{ name, type: 'LONG', values }];
    },
  };
};

/** The bucket of a row by its place among so many. */
function bucketsOf(rowCount: number, buckets: number): (place: number) => number {
  const size = Math.floor(rowCount / buckets);
  const larger = rowCount % buckets;
  const inLarger = larger * (size + 1);
  return (place) =>
    1 +
    (place < inLarger
      ? Math.floor(place / (size + 1))
      : larger + Math.floor((place - inLarger) / size));
}
