import { ByteReader, ByteWriter, CorruptBytesError, CorruptSketchError } from '../../core/index.js';
import { readValue, writeValue } from '../frequency/value-bytes.js';

const VERSION = 1;
const KINDS = ['texts', 'longs', 'doubles'] as const;
const WEIGHTED_FLAG = 1;

export type SampledKind = (typeof KINDS)[number];

/** A text, a Long or a double, as the kind of the sample says. */
export type SampledValue = string | number | bigint;

export interface ReservoirState {
  readonly of: SampledKind;
  readonly capacity: number;
  /** How many values were added, and what they weigh together. */
  readonly count: number;
  readonly totalWeight: number;
  /** Whether any weight was not 1. */
  readonly isWeighted: boolean;
  /** The largest key of the sample; Infinity while it has all that was added. */
  readonly threshold: number;
  readonly chance: readonly [key: number, count: number];
  readonly values: readonly SampledValue[];
  readonly weights: readonly number[];
}

/** Room is made for all of them where samples meet. */
export const isSampleSize = (capacity: number): boolean =>
  Number.isInteger(capacity) && capacity >= 1 && capacity <= 65_536;

export const isWeight = (weight: number): boolean => weight > 0 && weight < Infinity;

/**
 * A sample, little-endian:
 *
 *     offset  size  field
 *     0       1     version      u8, = 1
 *     1       1     of           u8, 0 texts, 1 longs, 2 doubles
 *     2       1     flags        u8, 1 weighted
 *     3       1     zero
 *     4       4     capacity     u32, 1 to 65536
 *     8       8     count        u64, of what was added
 *     16      8     totalWeight  f64; the count, unless weighted
 *     24      8     threshold    f64, more than 0; Infinity while count <= capacity
 *     32      8     chance       u32 each: key, count
 *     40      …     values       min(count, capacity) of them: i64, f64, or the length u32 and UTF-8
 *     …       …     weights      if weighted, f64 each, more than 0
 */
export function encodeReservoir(state: ReservoirState): Uint8Array<ArrayBuffer> {
  const { of, capacity, count, totalWeight, isWeighted, threshold, chance } = state;
  const writer = new ByteWriter();
  writer.u8(VERSION);
  writer.u8(KINDS.indexOf(of));
  writer.u16(isWeighted ? WEIGHTED_FLAG : 0);
  writer.u32(capacity);
  writer.size(count);
  writer.f64(totalWeight);
  writer.f64(threshold);
  for (const word of chance) writer.u32(word);
  for (const value of state.values) {
    if (of === 'doubles') writer.f64(value as number);
    else writeValue(writer, value);
  }
  if (isWeighted) for (const weight of state.weights) writer.f64(weight);
  return writer.toBytes();
}

/** Throws CorruptSketchError for what `encodeReservoir` could not have written. */
export function decodeReservoir(bytes: Uint8Array): ReservoirState {
  try {
    return decode(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof CorruptBytesError) throw damaged(error.message);
    throw error;
  }
}

function decode(reader: ByteReader): ReservoirState {
  const [version, kind, flags, capacity] = [reader.u8(), reader.u8(), reader.u16(), reader.u32()];
  if (version !== VERSION) throw damaged(`version ${version}, want ${VERSION}`);
  const of = KINDS[kind];
  if (of === undefined || flags > WEIGHTED_FLAG) throw damaged(`kind ${kind}, flags ${flags}`);
  if (!isSampleSize(capacity)) throw damaged(`room for ${capacity}`);
  const isWeighted = flags === WEIGHTED_FLAG;
  const [count, totalWeight, threshold] = [reader.size(), reader.f64(), reader.f64()];
  if (isWeighted ? !(totalWeight > 0) : totalWeight !== count) {
    throw damaged(`${count} values that weigh ${totalWeight}`);
  }
  if (!(threshold > 0) || threshold < Infinity !== count > capacity) {
    throw damaged(`a threshold of ${threshold} for ${count} values in ${capacity}`);
  }
  const chance = [reader.u32(), reader.u32()] as const;
  const size = Math.min(count, capacity);
  const values: SampledValue[] = [];
  for (let i = 0; i < size; i++) {
    values.push(of === 'doubles' ? reader.f64() : readValue(reader, of));
  }
  const weights = values.map(() => (isWeighted ? reader.f64() : 1));
  const bad = weights.find((weight) => !isWeight(weight));
  if (bad !== undefined) throw damaged(`a weight of ${bad}`);
  reader.expectEnd();
  return { of, capacity, count, totalWeight, isWeighted, threshold, chance, values, weights };
}

const damaged = (detail: string): CorruptSketchError => new CorruptSketchError('sample', detail);
