import { z } from 'zod';
import { compareBy } from '../ordering.js';
import { nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import type { PostAggregator } from './post-aggregator.js';

const Schema = z.object({ name: optionalText, fieldName: nameSpec });

type Place = 'state' | 'value';

const accessing =
  (place: Place): SpecReader<PostAggregator> =>
  (json, field) => {
    const { name, fieldName } = readSpec(Schema, json, field);
    return {
      name: name ?? '',
      spec: json,
      inputs: [fieldName],
      resultType: (types, stateTypes = types) =>
        (place === 'state' ? stateTypes : types).get(fieldName) ?? 'STRING',
      compile: () => (row) => row[place](fieldName),
      compare: compareBy('natural'),
    };
  };

/** A field as it is before finalising: a number, or the state of a sketch. */
export const readFieldAccess = accessing('state');

/**
 * A field's finalised value. Serves `hyperUniqueCardinality` too: the estimate of the aggregator,
 * rounded when that one rounds.
 */
export const readFinalizingFieldAccess = accessing('value');
