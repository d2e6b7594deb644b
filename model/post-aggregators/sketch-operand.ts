import { z } from 'zod';
import { CorruptSketchError, type JsonObject, UserError } from '../../core/index.js';
import { compareBy } from '../ordering.js';
import type { SketchReader } from '../sketch-values/operands.js';
import { distinct, nameSpec, optionalText, parseEach, readSpec } from '../spec.js';
import type { Value, ValueType } from '../types.js';
import type { PostAggregator } from './post-aggregator.js';

export const fractionSpec = z
  .number({ error: 'want a number' })
  .refine((value) => value >= 0 && value <= 1, { error: 'want a fraction from 0 to 1' });

/** Where a post-aggregator stands in a query: what every reader of specs is given. */
export interface SpecPlace {
  readonly json: JsonObject;
  readonly field: string;
  readonly parse: (json: unknown, field: string) => PostAggregator;
}

/** A post-aggregator of one sketch, the `field` of its spec; null where there is no sketch. */
export function ofSketch<S>(
  { json, field, parse }: SpecPlace,
  read: SketchReader<S>,
  type: ValueType,
  evaluate: (sketch: S) => Value,
): PostAggregator {
  const path = `${field}.field`;
  return ofOperands(json, field, [parse(json.field, path)], type, ([value]) => {
    const sketch = read(value!, path);
    return sketch === null ? null : evaluate(sketch);
  });
}

/** A post-aggregator of two sketches or more, the `fields` of its spec; null where none of them is there. */
export function ofSketches<S>(
  { json, field, parse }: SpecPlace,
  read: SketchReader<S>,
  type: ValueType,
  evaluate: (sketches: readonly S[]) => Value,
): PostAggregator {
  const path = `${field}.fields`;
  const operands = parseEach(json.fields, path, parse);
  if (operands.length < 2) throw new UserError(`${path}: want at least two fields`, 'query', path);
  return ofOperands(json, field, operands, type, (values) => {
    const sketches = values
      .map((value, i) => read(value, `${path}[${i}]`))
      .filter((sketch) => sketch !== null);
    return sketches.length === 0 ? null : evaluate(sketches);
  });
}

const FieldNameSchema = z.object({ fieldName: nameSpec });

/** A post-aggregator of the one sketch that the aggregator `fieldName` of its spec makes; null where there is none. */
export function ofFieldName<S>(
  json: JsonObject,
  field: string,
  read: SketchReader<S>,
  type: ValueType,
  evaluate: (sketch: S) => Value,
): PostAggregator {
  const { fieldName } = readSpec(FieldNameSchema, json, field);
  const path = `${field}.fieldName`;
  return {
    name: readSpec(Schema, json, field).name ?? '',
    spec: json,
    inputs: [fieldName],
    resultType: () => type,
    compile: () => (row) => {
      const sketch = read(row.state(fieldName), path);
      return sketch === null ? null : evaluate(sketch);
    },
    compare: compareBy('natural'),
  };
}

const ConstantSchema = z.object({ value: nameSpec });

/** A post-aggregator that is a sketch, its image the `value` of its spec, in base64. */
export function ofConstant(
  json: JsonObject,
  field: string,
  kind: string,
  type: ValueType,
  read: (image: Uint8Array) => Value,
): PostAggregator {
  const { value } = readSpec(ConstantSchema, json, field);
  const path = `${field}.value`;
  try {
    const sketch = read(Buffer.from(value, 'base64'));
    return ofOperands(json, field, [], type, () => sketch);
  } catch (error) {
    if (!(error instanceof CorruptSketchError)) throw error;
    const message = `${path}: want a ${kind} sketch as base64; ${error.message}`;
    throw new UserError(message, 'query', path);
  }
}

const Schema = z.object({ name: optionalText });

function ofOperands(
  json: JsonObject,
  field: string,
  operands: readonly PostAggregator[],
  type: ValueType,
  evaluate: (values: readonly Value[]) => Value,
): PostAggregator {
  return {
    name: readSpec(Schema, json, field).name ?? '',
    spec: json,
    inputs: distinct(operands.flatMap(({ inputs }) => inputs)),
    resultType: () => type,
    compile(types) {
      const compiled = operands.map((operand) => operand.compile(types));
      return (row) => evaluate(compiled.map((operand) => operand(row)));
    },
    compare: compareBy('natural'),
  };
}
