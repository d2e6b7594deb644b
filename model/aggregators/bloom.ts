import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { BloomKFilter, isBloomSize } from '../../sketches/index.js';
import type { Dimension } from '../dimensions/dimension.js';
import { parseDimension } from '../dimensions/registry.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import { bloomHashesOf } from '../sketch-values/bloom.js';
import { integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { sketchAggregator } from './sketch-aggregator.js';

const Schema = z.object({
  name: nameSpec,
  maxNumEntries: integerSpec(1500).refine(isBloomSize, { error: 'want 1 to 10000000 entries' }),
});

/**
 * Which values a dimension has, as a Bloom filter: of lists each element, nulls as well. A column that is only named counts by
 * its own type, as in Druid; one that is not there adds nothing. A stored column of filters is merged.
 */
export const readBloom: SpecReader<Aggregator> = (json, field) => {
  const { name, maxNumEntries } = readSpec(Schema, json, field);
  return bloom(json, name, parseDimension(json.field, `${field}.field`), maxNumEntries);
};

function bloom(
  spec: JsonObject,
  name: string,
  dimension: Dimension,
  maxEntries: number,
): Aggregator {
  return sketchAggregator<BloomKFilter>({
    name,
    spec,
    fieldName: dimension.inputs[0] ?? '',
    inputs: dimension.inputs,
    open: (source) => openDimension(source, dimension),
    storedType: 'COMPLEX<bloom>',
    create: () => BloomKFilter.empty(maxEntries),
    merge: (into, from) => into.merge(from),
    encode: (filter) => filter.toBytes(),
    decode: BloomKFilter.ofBytes,
    takesSketches: false,
    adder,
    estimate: (filter) => filter.bitCount,
    final: (filter) => filter,
    resultType: 'COMPLEX<bloom>',
    combining: () =>
      bloom({ ...spec, field: name }, name, parseDimension(name, 'field'), maxEntries),
  });
}

function openDimension(source: RowSource, dimension: Dimension): ColumnReader {
  const isPlain = dimension.spec.type === 'default';
  return isPlain ? source.column(dimension.inputs[0]!) : dimension.reader(source);
}

/** Hashes each entry of a dictionary once. */
function adder(reader: ColumnReader): (filter: BloomKFilter) => void {
  if (!reader.exists) return () => undefined;
  const read = memoised(reader, bloomHashesOf(reader.type));
  return (filter) => {
    const hashes = read();
    for (let i = 0; i < hashes.length; i += 2) filter.addHash(hashes[i]!, hashes[i + 1]!);
  };
}
