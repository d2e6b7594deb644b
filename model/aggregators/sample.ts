import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import {
  isSampleSize,
  isWeight,
  Reservoir,
  type SampledKind,
  type SampledValue,
} from '../../sketches/index.js';
import { compareValues } from '../ordering.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType, type Value } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { numberReader, toDouble, toLongValue } from './number-input.js';
import { type Element, eachElement, sketchAggregator } from './sketch-aggregator.js';

const TYPES = ['STRING', 'LONG', 'DOUBLE'] as const;

type SampledType = (typeof TYPES)[number];

const KINDS: Record<SampledType, SampledKind> = {
  STRING: 'texts',
  LONG: 'longs',
  DOUBLE: 'doubles',
};

const common = {
  name: nameSpec,
  fieldName: nameSpec,
  maxNumSamples: integerSpec(64).refine(isSampleSize, { error: 'want 1 to 65536' }),
  valueType: z
    .enum(TYPES, { error: `want one of ${TYPES.join(', ')}` })
    .nullish()
    .transform((type) => type ?? 'STRING'),
  seed: integerSpec(0),
  shouldFinalize: flagSpec(true),
};

const UniformSchema = z.object(common);
const WeightedSchema = z.object({ ...common, weightFieldName: nameSpec });

interface Settings extends z.output<typeof UniformSchema> {
  readonly weightFieldName?: string;
}

/**
 * A random sample of the values of a column: `maxNumSamples` of them at most, ascending. All sets of so many are equally
 * likely. Chance comes from `seed`, the values and the times of their rows: the same query of the same segments gives the same
 * sample. Reads plain values, as texts, longs or doubles, and a stored column of samples. Nulls, and texts that are no
 * numbers where numbers are wanted, do not count.
 */
export const readReservoirSample: SpecReader<Aggregator> = (json, field) =>
  sample(json, readSpec(UniformSchema, json, field));

/** The same by weight, the number in `weightFieldName`: rows where this is null or not more than 0 do not count. */
export const readWeightedSample: SpecReader<Aggregator> = (json, field) =>
  sample(json, readSpec(WeightedSchema, json, field));

function sample(spec: JsonObject, settings: Settings): Aggregator {
  const { name, fieldName, maxNumSamples, valueType, seed, shouldFinalize } = settings;
  const { weightFieldName } = settings;
  return sketchAggregator<Reservoir>({
    name,
    spec,
    fieldName,
    inputs: [fieldName, TIME, ...(weightFieldName === undefined ? [] : [weightFieldName])],
    storedType: 'COMPLEX<reservoirSample>',
    create: () => new Reservoir(KINDS[valueType], maxNumSamples, seed),
    merge(into, from) {
      if (into.of !== from.of && into.count > 0 && from.count > 0) {
        const message = `${name}: want samples of values of one type; got ${into.of} and ${from.of}`;
        throw new UserError(message, 'query', name);
      }
      into.merge(from);
    },
    encode: (sketch) => sketch.toBytes(),
    decode: Reservoir.fromBytes,
    takesSketches: false,
    adder: (reader, source) => adder(reader, source, settings),
    estimate: (sketch) => sketch.count,
    final: (sketch) => (shouldFinalize ? shownValues(sketch, settings) : sketch),
    resultType: shouldFinalize ? `ARRAY<${valueType}>` : 'COMPLEX<reservoirSample>',
    combining() {
      const { weightFieldName: _, ...others } = spec;
      const { weightFieldName: __, ...rest } = settings;
      const combined = { ...others, type: 'reservoirSample', fieldName: name };
      return sample(combined, { ...rest, fieldName: name });
    },
  });
}

const TIME = '__time';

function adder(
  reader: ColumnReader,
  source: RowSource,
  { valueType, weightFieldName }: Settings,
): (into: Reservoir) => void {
  const read = valuesReader(reader, valueType);
  const timeMs = numberReader(source.column(TIME), 'LONG');
  const weightOf =
    weightFieldName === undefined ? null : numberReader(source.column(weightFieldName), 'DOUBLE');
  return (into) => {
    const weight = weightOf === null ? 1 : Number(weightOf() ?? 0);
    if (!isWeight(weight)) return;
    const salt = Number(timeMs() ?? 0) % 2 ** 32;
    for (const value of read()) into.add(value, weight, salt);
  };
}

/** What the current cell adds: of a list each element. */
function valuesReader(reader: ColumnReader, as: SampledType): () => readonly SampledValue[] {
  const type = isArrayType(reader.type) ? elementType(reader.type) : reader.type;
  const convert = (element: Element): SampledValue | null => {
    if (as === 'STRING') return scalarText(element, type);
    return as === 'LONG' ? toLongValue(element) : toDouble(element);
  };
  return memoised(reader, (cell) => {
    const values: SampledValue[] = [];
    eachElement(cell, (element) => {
      const value = convert(element);
      if (value !== null) values.push(value);
    });
    return values;
  });
}

/** Ascending. Texts are made of whatever a stored sample holds; numbers must be those that are wanted. */
function shownValues({ of, values }: Reservoir, settings: Settings): Value {
  const { name, valueType } = settings;
  const type = TYPES.find((each) => KINDS[each] === of)!;
  if (type !== valueType && valueType !== 'STRING' && values.length > 0) {
    const path = `${name}.valueType`;
    throw new UserError(
      `${path}: want ${type}, as of the samples; got ${valueType}`,
      'query',
      path,
    );
  }
  const shown = valueType === 'STRING' ? values.map((value) => scalarText(value, type)!) : values;
  return [...shown].sort(compareValues(valueType));
}
