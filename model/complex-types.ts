import { ByteReader, ByteWriter, UserError, utf8Decode, utf8Encode } from '../core/index.js';
import {
  approximateHistogramImage,
  BloomKFilter,
  CountMin,
  fixedBucketsImage,
  HeavyHitters,
  HyperLogLog,
  hllImage,
  type KllNumbers,
  KllSketch,
  LossyCounting,
  momentImage,
  quantilesImage,
  Reservoir,
  readApproximateHistogramImage,
  readFixedBucketsImage,
  readHllImage,
  readMomentImage,
  readQuantilesImage,
  readSpectatorImage,
  readTDigestImage,
  readThetaImage,
  readTupleImage,
  SpaceSaving,
  type SpectatorHistogram,
  spectatorImage,
  tDigestImage,
  thetaImage,
  tupleImage,
  Variance,
} from '../sketches/index.js';
import { DOUBLE_MEAN, type Mean } from './aggregators/mean-state.js';
import type { TimedValue } from './aggregators/timed-value.js';
import { Json } from './json/json.js';
import { shownSpectator, spectatorOfJson } from './sketch-values/spectator.js';
import type { Scalar } from './types.js';

/**
 * How the cells of a COMPLEX column are stored. `decode(encode(x))` equals x; damaged bytes throw
 * CorruptBytesError. Null cells are the column's business.
 */
export interface ComplexTypeSerde {
  readonly name: string;
  encode(value: object): Uint8Array;
  decode(bytes: Uint8Array): object;
  /** The JSON that results show and fields may hold, where it is more than base64. */
  readonly json?: {
    shown(value: object): object;
    /** Null of what has another form. Throws CorruptSketchError. */
    read(value: unknown): object | null;
  };
}

/** The serde of `COMPLEX<name>`. Throws a UserError for a type that is not built in. */
export function complexType(name: string): ComplexTypeSerde {
  const serde = SERDES.get(name);
  if (serde !== undefined) return serde;
  throw new UserError(
    `unknown complex type "${name}"; known are ${complexTypeNames().join(', ')}`,
    'query',
    '',
    { type: name },
  );
}

export const complexTypeNames = (): string[] => [...SERDES.keys()];

/** UTF-8 of the text. */
const json: ComplexTypeSerde = {
  name: 'json',
  encode: (value) => utf8Encode((value as Json).text),
  decode: (bytes) => Json.ofText(utf8Decode(bytes)),
};

/** A sketch whose class has its bytes. */
const ownBytes = (name: string, decode: ComplexTypeSerde['decode']): ComplexTypeSerde => ({
  name,
  encode: (sketch) => (sketch as { toBytes(): Uint8Array }).toBytes(),
  decode,
});

/** A sketch in bytes that others have laid down. */
const image = <S extends object>(
  name: string,
  write: (sketch: S) => Uint8Array,
  read: (bytes: Uint8Array) => S,
): ComplexTypeSerde => ({
  name,
  encode: (sketch) => write(sketch as S),
  decode: (bytes) => read(bytes),
});

const kll = (name: string, of: KllNumbers): ComplexTypeSerde =>
  ownBytes(name, (bytes) => KllSketch.fromBytes(bytes, null, of));

/** The images of Apache DataSketches. */
const dataSketches: readonly ComplexTypeSerde[] = [
  image('thetaSketch', thetaImage, readThetaImage),
  image('HLLSketch', hllImage, readHllImage),
  image('quantilesDoublesSketch', quantilesImage, readQuantilesImage),
  image('arrayOfDoublesSketch', tupleImage, readTupleImage),
  kll('KllDoublesSketch', 'doubles'),
  kll('KllFloatsSketch', 'floats'),
];

/** Ours. */
const own: readonly ComplexTypeSerde[] = [
  ownBytes('hyperUnique', (bytes) => HyperLogLog.ofDefault(bytes)),
  ownBytes('topKSketch', (bytes) => SpaceSaving.fromBytes(bytes)),
  ownBytes('countMinSketch', (bytes) => CountMin.fromBytes(bytes)),
  ownBytes('lossyCountingSketch', LossyCounting.fromBytes),
  ownBytes('countMinHeavyHitters', HeavyHitters.fromBytes),
  ownBytes('reservoirSample', Reservoir.fromBytes),
];

const spectator: ComplexTypeSerde = {
  ...image('spectatorHistogram', spectatorImage, readSpectatorImage),
  json: { shown: (value) => shownSpectator(value as SpectatorHistogram), read: spectatorOfJson },
};

/** As Druid's extensions write them. */
const statistics: readonly ComplexTypeSerde[] = [
  ownBytes('bloom', BloomKFilter.ofBytes),
  ownBytes('variance', Variance.ofBytes),
  image('approximateHistogram', approximateHistogramImage, readApproximateHistogramImage),
  image('tDigestSketch', tDigestImage, readTDigestImage),
  image('momentSketch', momentImage, readMomentImage),
  spectator,
  image('fixedBucketsHistogram', fixedBucketsImage, readFixedBucketsImage),
];

/** Little-endian: `sum` f64, `count` u64. */
const doubleMean: ComplexTypeSerde = {
  name: DOUBLE_MEAN,
  encode(value) {
    const { sum, count } = value as Mean;
    const writer = new ByteWriter(16);
    writer.f64(sum);
    writer.size(count);
    return writer.toBytes();
  },
  decode: (bytes) =>
    reading(bytes, (reader): Mean => ({ sum: reader.f64(), count: reader.size() })),
};

/**
 * A value and its time. Little-endian:
 *
 *     offset  size  field
 *     0       8     time     i64, milliseconds
 *     8       1     present  u8, 0 when the value is null and nothing follows, else 1
 *     9       …     value    i64, f64, f32, or a varint of the length and UTF-8
 */
function pair(
  name: string,
  write: (writer: ByteWriter, value: Exclude<Scalar, null>) => void,
  read: (reader: ByteReader) => Scalar,
): ComplexTypeSerde {
  return {
    name,
    encode(value) {
      const { lhs, rhs } = value as TimedValue;
      const writer = new ByteWriter(32);
      writer.long(lhs);
      writer.u8(rhs === null ? 0 : 1);
      if (rhs !== null) write(writer, rhs);
      return writer.toBytes();
    },
    decode: (bytes) =>
      reading(bytes, (reader): TimedValue => {
        const lhs = reader.long();
        return { lhs, rhs: reader.u8() === 0 ? null : read(reader) };
      }),
  };
}

function reading<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes);
  const value = read(reader);
  reader.expectEnd();
  return value;
}

const SERDES: ReadonlyMap<string, ComplexTypeSerde> = new Map(
  [
    ...dataSketches,
    ...own,
    json,
    doubleMean,
    ...statistics,
    pair(
      'serializablePairLongString',
      (writer, value) => writer.text(value as string),
      (reader) => reader.text(),
    ),
    pair(
      'serializablePairLongLong',
      (writer, value) => writer.long(value as number | bigint),
      (reader) => reader.long(),
    ),
    pair(
      'serializablePairLongDouble',
      (writer, value) => writer.f64(value as number),
      (reader) => reader.f64(),
    ),
    pair(
      'serializablePairLongFloat',
      (writer, value) => writer.f32(value as number),
      (reader) => reader.f32(),
    ),
  ].map((serde) => [serde.name, serde]),
);
