import { z } from 'zod';
import { doubleToLong, type JsonObject } from '../../core/index.js';
import {
  couponOf,
  HllSketch,
  type HllType,
  hashText,
  hashUtf16,
  hllImage,
  readHllImage,
} from '../../sketches/index.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { isComplexType } from '../types.js';
import type { Aggregator, AggregatorForm } from './aggregator.js';
import { elementHashes, type TextHash } from './element-hashes.js';
import { sketchAggregator, textSketches } from './sketch-aggregator.js';

export const lgKSpec = integerSpec(12).refine((lgK) => lgK >= 4 && lgK <= 21, {
  error: 'want 4 to 21',
});

const TYPES = ['HLL_4', 'HLL_6', 'HLL_8'] as const;

export const hllTypeSpec = z
  .enum(TYPES, { error: `want one of ${TYPES.join(', ')}` })
  .nullish()
  .transform((type) => type ?? 'HLL_4');

const ENCODINGS = ['utf16le', 'utf8'] as const;

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  lgK: lgKSpec,
  tgtHllType: hllTypeSpec,
  stringEncoding: z
    .enum(ENCODINGS, { error: `want one of ${ENCODINGS.join(', ')}` })
    .nullish()
    .transform((encoding) => encoding ?? 'utf16le'),
  shouldFinalize: flagSpec(true),
  round: flagSpec(false),
});

/** About how many distinct values a column has. A stored column of sketches is merged. */
export const readHllSketchBuild: SpecReader<Aggregator> = (json, field) =>
  hllSketch(json, readSpec(Schema, json, field), false);

/** Merges a stored column of sketches, or sketches as base64 text. */
export const readHllSketchMerge: SpecReader<Aggregator> = (json, field) =>
  hllSketch(json, readSpec(Schema, json, field), true);

/**
 * Estimates do not depend on the order of rows: how rows lie in segments must not show. Druid's do where one segment
 * alone has fed a sketch.
 */
function hllSketch(
  spec: JsonObject,
  settings: z.output<typeof Schema>,
  takesSketches: boolean,
): Aggregator {
  const { name, fieldName, lgK, tgtHllType, stringEncoding, shouldFinalize, round } = settings;
  const text = stringEncoding === 'utf8' ? hashText : hashUtf16;
  const merge = (into: HllSketch, from: HllSketch): void => into.merge(from);
  return sketchAggregator<HllSketch>({
    name,
    spec,
    fieldName,
    storedType: 'COMPLEX<HLLSketch>',
    create: () => new HllSketch(lgK, tgtHllType),
    merge,
    encode: hllImage,
    decode: readHllImage,
    takesSketches,
    form: takesSketches
      ? { kind: 'folds', isOrderFree: true, numbers: null }
      : couponForm(fieldName, lgK, tgtHllType, text),
    adder: (reader) =>
      takesSketches
        ? textSketches(reader, fieldName, readHllImage, merge)
        : elementHashes(reader, text, (sketch: HllSketch, hash) => sketch.add(hash)),
    estimate: (sketch) => sketch.estimate(),
    final(sketch) {
      if (!shouldFinalize) return sketch;
      const estimate = sketch.estimate();
      return round ? doubleToLong(Math.round(estimate)) : estimate;
    },
    resultType: !shouldFinalize ? 'COMPLEX<HLLSketch>' : round ? 'LONG' : 'DOUBLE',
    combining: () =>
      hllSketch(
        { ...spec, type: 'HLLSketchMerge', fieldName: name },
        { ...settings, fieldName: name },
        true,
      ),
  });
}

const couponForm = (
  fieldName: string,
  lgK: number,
  type: HllType,
  text: TextHash,
): AggregatorForm => ({
  kind: 'coupons',
  lgK,
  type,
  entries: (source) => {
    const reader = source.column(fieldName);
    if (isComplexType(reader.type)) return () => [];
    const add = elementHashes(reader, text, (coupons: number[], hash) =>
      coupons.push(couponOf(hash)),
    );
    return () => {
      const coupons: number[] = [];
      add(coupons);
      return coupons;
    };
  },
  plain: { column: fieldName, type: null },
});
