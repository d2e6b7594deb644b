import { z } from 'zod';
import { compareBy } from '../ordering.js';
import { nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator, ResultRow } from './post-aggregator.js';

const Schema = z.object({ name: optionalText, fieldName: nameSpec });

const accessing =
  (
    read: (row: ResultRow, field: string) => ReturnType<ResultRow['value']>,
  ): SpecReader<PostAggregator> =>
  (json, field) => {
    const { name, fieldName } = readSpec(Schema, json, field);
    return {
      name: name ?? '',
      spec: json,
      inputs: [fieldName],
      resultType: (types) => types.get(fieldName) ?? 'STRING',
      compile: () => (row) => read(row, fieldName),
      compare: compareBy('natural'),
    };
  };

/** A field as it is before finalising: a number, or the state of a sketch. */
export const readFieldAccess = accessing((row, field) => row.state(field));

/**
 * A field's finalised value. Serves `hyperUniqueCardinality` too: the estimate of the aggregator,
 * rounded when that one rounds.
 */
export const readFinalizingFieldAccess = accessing((row, field) => row.value(field));
