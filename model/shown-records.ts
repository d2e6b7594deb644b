import type { ValueType } from './types.js';

type Members = Readonly<Record<string, ValueType>>;

const BREAKS: Members = {
  breaks: 'ARRAY<DOUBLE>',
  counts: 'ARRAY<DOUBLE>',
  quantiles: 'ARRAY<DOUBLE>',
};

/** By type of a result: which members of records that stand for it are of another type than their values show. */
const RECORDS: ReadonlyMap<ValueType, Members> = new Map<ValueType, Members>([
  ['COMPLEX<serializablePairLongDouble>', { rhs: 'DOUBLE' }],
  ['COMPLEX<serializablePairLongFloat>', { rhs: 'FLOAT' }],
  ['COMPLEX<doubleMean>', { sum: 'DOUBLE' }],
  ['COMPLEX<histogram>', BREAKS],
  ['COMPLEX<approximateHistogram>', BREAKS],
  [
    'COMPLEX<quantiles>',
    {
      probabilities: 'ARRAY<DOUBLE>',
      quantiles: 'ARRAY<DOUBLE>',
      min: 'DOUBLE',
      max: 'DOUBLE',
    },
  ],
  [
    'COMPLEX<fixedBucketsHistogram>',
    { lowerLimit: 'DOUBLE', upperLimit: 'DOUBLE', min: 'DOUBLE', max: 'DOUBLE' },
  ],
  [
    'COMPLEX<thetaSketchEstimateWithErrorBounds>',
    { estimate: 'DOUBLE', highBound: 'DOUBLE', lowBound: 'DOUBLE' },
  ],
]);

const NONE: Members = {};

/** The types of those members of a record of a complex type that its values do not tell: doubles may be whole numbers. */
export const shownMembers = (type: ValueType): Members => RECORDS.get(type) ?? NONE;
