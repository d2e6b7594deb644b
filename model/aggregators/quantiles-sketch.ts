import { z } from 'zod';
import {
  isKllK,
  isQuantilesK,
  type KllNumbers,
  KllSketch,
  QuantilesSketch,
  quantilesImage,
  readQuantilesImage,
} from '../../sketches/index.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { type QuantilesKind, quantilesAggregator } from './quantiles-aggregator.js';

const schemaOf = <K extends z.ZodType<number>>(k: K) =>
  z.object({ name: nameSpec, fieldName: nameSpec, k, shouldFinalize: flagSpec(true) });

const QuantilesSchema = schemaOf(
  integerSpec(128).refine(isQuantilesK, { error: 'want a power of 2 from 2 to 32768' }),
);

const KllSchema = schemaOf(integerSpec(200).refine(isKllK, { error: 'want 8 to 65535' }));

const CLASSIC: QuantilesKind<QuantilesSketch> = {
  type: 'COMPLEX<quantilesDoublesSketch>',
  sketch: QuantilesSketch,
  create: (k) => new QuantilesSketch(k),
  encode: quantilesImage,
  decode: readQuantilesImage,
};

/** Which items go on is decided by themselves: an aggregator has no chance. */
const kllKind = (of: KllNumbers): QuantilesKind<KllSketch> => ({
  type: of === 'floats' ? 'COMPLEX<KllFloatsSketch>' : 'COMPLEX<KllDoublesSketch>',
  sketch: KllSketch,
  create: (k) => new KllSketch(null, k, of),
  encode: (sketch) => sketch.toBytes(),
  decode: (bytes) => KllSketch.fromBytes(bytes, null, of),
});

export const readQuantilesSketch: SpecReader<Aggregator> = (json, field) =>
  quantilesAggregator(CLASSIC, json, readSpec(QuantilesSchema, json, field));

export const readKllSketch = (of: KllNumbers): SpecReader<Aggregator> => {
  const kind = kllKind(of);
  return (json, field) => quantilesAggregator(kind, json, readSpec(KllSchema, json, field));
};
