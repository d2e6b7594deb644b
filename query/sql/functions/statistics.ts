import type { Rex } from '../algebra/rex.js';
import { isComplex, type SqlType } from '../algebra/types.js';
import { planError } from '../position.js';
import { aggregate, numeric, sumType } from './aggregates.js';
import type { AggregateFunction } from './definition.js';
import { identifierText } from './text.js';

const VARIANCE = 'COMPLEX<variance>';

/** Of integers an integer, as Calcite has it. */
const resultType = ([rex]: readonly Rex[]): SqlType =>
  isComplex(rex!.type) ? 'DOUBLE' : sumType([rex!]);

const plan =
  (estimator: 'population' | 'sample', isRoot: boolean): AggregateFunction['plan'] =>
  ([rex], _, builder) => {
    const { type, position } = rex!;
    if (isComplex(type) && type !== VARIANCE) {
      throw planError(`Want numbers or ${VARIANCE}, got ${type}`, position);
    }
    const name = `${builder.name}:agg`;
    const fieldName = builder.column(isComplex(type) ? rex! : numeric(rex!));
    const variance = identifierText(name);
    const value = isRoot ? `sqrt(${variance})` : variance;
    return {
      aggregators: [{ type: 'variance', name, fieldName, estimator }],
      expression: `cast(${value}, '${resultType([rex!]) === 'BIGINT' ? 'LONG' : 'DOUBLE'}')`,
    };
  };

const FUNCTIONS = [
  ['VAR_POP', 'population', false, 'Variance of numbers that are all there are.'],
  ['VAR_SAMP', 'sample', false, 'Variance of what the numbers are a sample of.'],
  ['VARIANCE', 'sample', false, 'The same as VAR_SAMP.'],
  ['STDDEV_POP', 'population', true, 'Standard deviation of numbers that are all there are.'],
  ['STDDEV_SAMP', 'sample', true, 'Standard deviation of what the numbers are a sample of.'],
  ['STDDEV', 'sample', true, 'The same as STDDEV_SAMP.'],
] as const;

export const STATISTICS: readonly AggregateFunction[] = FUNCTIONS.map(
  ([name, estimator, isRoot, doc]) =>
    aggregate(name, 'any', resultType, plan(estimator, isRoot), doc),
);
