import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { isQuantilesK, readTupleImage, type TupleSketch } from '../../sketches/index.js';
import { thetaSizeSpec } from '../aggregators/theta-sketch.js';
import { asTuple } from '../sketch-values/operands.js';
import { THETA_OPERATIONS } from '../sketch-values/theta.js';
import {
  tupleBase64,
  tupleBounds,
  tupleMeans,
  tupleOperation,
  tupleQuantiles,
  tupleSums,
  tupleTest,
  tupleText,
  tupleVariances,
} from '../sketch-values/tuple.js';
import { integerSpec, readSpec, type SpecReader } from '../spec.js';
import type { Value, ValueType } from '../types.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofConstant, ofSketch, ofSketches } from './sketch-operand.js';

type Reader = SpecReader<PostAggregator>;

/** What is asked of one sketch, without settings. */
const asked =
  (type: ValueType, evaluate: (sketch: TupleSketch) => Value): Reader =>
  (json, field, parse) =>
    ofSketch({ json, field, parse }, asTuple, type, evaluate);

const BoundsSchema = z.object({
  numStdDevs: integerSpec(1).refine((n) => n >= 1 && n <= 3, { error: 'want 1 to 3' }),
});

const readBounds: Reader = (json, field, parse) => {
  const { numStdDevs } = readSpec(BoundsSchema, json, field);
  return ofSketch({ json, field, parse }, asTuple, 'ARRAY<DOUBLE>', (sketch) =>
    tupleBounds(sketch, numStdDevs),
  );
};

const QuantilesSchema = z.object({
  column: integerSpec(1).refine((column) => column >= 1, { error: 'want 1 or more' }),
  k: integerSpec(128).refine(isQuantilesK, { error: 'want a power of 2 from 2 to 32768' }),
});

const readToQuantiles: Reader = (json, field, parse) => {
  const { column, k } = readSpec(QuantilesSchema, json, field);
  const type = 'COMPLEX<quantilesDoublesSketch>';
  return ofSketch({ json, field, parse }, asTuple, type, (sketch) =>
    tupleQuantiles(sketch, column, k, `${field}.column`),
  );
};

const SetSchema = z.object({
  operation: z.enum(THETA_OPERATIONS, { error: `want one of ${THETA_OPERATIONS.join(', ')}` }),
  nominalEntries: thetaSizeSpec,
});

/** All keys of some sketches, those in all of them, or those of the first that are in none of the others. */
const readSetOperation: Reader = (json, field, parse) => {
  const { operation, nominalEntries } = readSpec(SetSchema, json, field);
  const type = 'COMPLEX<arrayOfDoublesSketch>';
  return ofSketches({ json, field, parse }, asTuple, type, (sketches) =>
    tupleOperation(operation, nominalEntries, sketches, `${field}.fields`),
  );
};

const readTest: Reader = (json, field, parse) => {
  const path = `${field}.fields`;
  if (!Array.isArray(json.fields) || json.fields.length !== 2) {
    throw new UserError(`${path}: want two fields`, 'query', path);
  }
  return ofSketches({ json, field, parse }, asTuple, 'ARRAY<DOUBLE>', ([a, b]) =>
    a === undefined || b === undefined ? null : tupleTest(a, b, path),
  );
};

/** A sketch that the query brings along, in base64. */
const readConstant: Reader = (json, field) =>
  ofConstant(json, field, 'tuple', 'COMPLEX<arrayOfDoublesSketch>', (bytes) =>
    readTupleImage(bytes),
  );

export const TUPLE_READERS: readonly (readonly [type: string, reader: Reader])[] = [
  ['arrayOfDoublesSketchToEstimate', asked('DOUBLE', (sketch) => sketch.estimate())],
  ['arrayOfDoublesSketchToEstimateAndBounds', readBounds],
  ['arrayOfDoublesSketchToNumEntries', asked('LONG', (sketch) => sketch.count)],
  ['arrayOfDoublesSketchToMeans', asked('ARRAY<DOUBLE>', tupleMeans)],
  ['arrayOfDoublesSketchToVariances', asked('ARRAY<DOUBLE>', tupleVariances)],
  ['arrayOfDoublesSketchToMetricsSumEstimate', asked('ARRAY<DOUBLE>', tupleSums)],
  ['arrayOfDoublesSketchToQuantilesSketch', readToQuantiles],
  ['arrayOfDoublesSketchSetOp', readSetOperation],
  ['arrayOfDoublesSketchTTest', readTest],
  ['arrayOfDoublesSketchToString', asked('STRING', tupleText)],
  ['arrayOfDoublesSketchToBase64String', asked('STRING', tupleBase64)],
  ['arrayOfDoublesSketchConstant', readConstant],
];
