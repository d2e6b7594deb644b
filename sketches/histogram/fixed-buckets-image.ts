import { CorruptSketchError } from '../../core/index.js';
import {
  FixedBucketsHistogram,
  type FixedBucketsShape,
  isFixedBucketsShape,
  MAX_BUCKETS,
  OUTLIER_MODES,
} from './fixed-buckets.js';

/**
 * A histogram of fixed buckets as Druid's extension writes it, big-endian; n = numBuckets, m = how many are not empty.
 *
 *     offset  size  field
 *     0       1     version        u8, = 1
 *     1       1     form           u8: 1 full, 2 sparse, which is written when m < floor(n / 2)
 *     2       8     lowerLimit     f64
 *     10      8     upperLimit     f64
 *     18      4     numBuckets     i32
 *     22      1     outliers       u8: 0 ignore, 1 overflow, 2 clip
 *     23      8     count          i64, in buckets
 *     31      8     lowerOutliers  i64
 *     39      8     upperOutliers  i64
 *     47      8     missing        i64
 *     55      8     max            f64, -Infinity of none
 *     63      8     min            f64, Infinity of none
 *     71      8n    full: counts, i64 each
 *     71      4     sparse: m, i32
 *     75      12m   sparse: bucket i32 and count i64, ascending buckets
 */
export function fixedBucketsImage(histogram: FixedBucketsHistogram): Uint8Array<ArrayBuffer> {
  const { shape, buckets } = histogram;
  const present = buckets.reduce((n, count) => (count > 0 ? n + 1 : n), 0);
  const isSparse = present < Math.floor(buckets.length / 2);
  const bodyBytes = isSparse ? 4 + 12 * present : 8 * buckets.length;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + bodyBytes));
  view.setUint8(0, VERSION);
  view.setUint8(1, isSparse ? SPARSE : FULL);
  view.setFloat64(2, shape.lowerLimit);
  view.setFloat64(10, shape.upperLimit);
  view.setInt32(18, shape.numBuckets);
  view.setUint8(22, OUTLIER_MODES.indexOf(shape.outlierMode));
  const { count, lowerOutliers, upperOutliers, missing } = histogram;
  for (const [i, size] of [count, lowerOutliers, upperOutliers, missing].entries()) {
    view.setBigInt64(23 + 8 * i, BigInt(size));
  }
  view.setFloat64(55, histogram.max);
  view.setFloat64(63, histogram.min);
  if (isSparse) view.setInt32(HEADER_BYTES, present);
  let at = HEADER_BYTES + (isSparse ? 4 : 0);
  for (const [bucket, size] of buckets.entries()) {
    if (isSparse && size === 0) continue;
    if (isSparse) view.setInt32(at, bucket);
    view.setBigInt64(at + (isSparse ? 4 : 0), BigInt(size));
    at += isSparse ? 12 : 8;
  }
  return new Uint8Array(view.buffer);
}

/** Throws CorruptSketchError for what is no such image, and for more than 100,000 buckets. */
export function readFixedBucketsImage(bytes: Uint8Array): FixedBucketsHistogram {
  if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes cut the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[0] !== VERSION) throw damaged(`version ${bytes[0]}, want ${VERSION}`);
  const histogram = new FixedBucketsHistogram(readShape(view));
  const [count, lower, upper, missing] = [23, 31, 39, 47].map((at) => readCount(view, at));
  histogram.lowerOutliers = lower!;
  histogram.upperOutliers = upper!;
  histogram.missing = missing!;
  if (bytes[1] === FULL) readFull(view, histogram);
  else if (bytes[1] === SPARSE) readSparse(view, histogram);
  else throw damaged(`form ${bytes[1]}`);
  histogram.count = histogram.buckets.reduce((sum, size) => sum + size, 0);
  if (histogram.count !== count)
    throw damaged(`a count of ${count}, buckets of ${histogram.count}`);
  if (count === 0) return histogram;
  histogram.max = view.getFloat64(55);
  histogram.min = view.getFloat64(63);
  const { min, max } = histogram;
  if (!(min <= max)) throw damaged(`numbers from ${min} to ${max}`);
  return histogram;
}

function readShape(view: DataView): FixedBucketsShape {
  const mode = OUTLIER_MODES[view.getUint8(22)];
  if (mode === undefined) throw damaged(`outlier handling mode ${view.getUint8(22)}`);
  const shape: FixedBucketsShape = {
    lowerLimit: view.getFloat64(2),
    upperLimit: view.getFloat64(10),
    numBuckets: view.getInt32(18),
    outlierMode: mode,
  };
  if (isFixedBucketsShape(shape)) return shape;
  const { lowerLimit, upperLimit, numBuckets } = shape;
  const limit = `want 1 to ${MAX_BUCKETS}`;
  throw damaged(`${numBuckets} buckets from ${lowerLimit} to ${upperLimit}, ${limit}`);
}

function readFull(view: DataView, { buckets }: FixedBucketsHistogram): void {
  checkLength(view, HEADER_BYTES + 8 * buckets.length);
  for (let i = 0; i < buckets.length; i++) buckets[i] = readCount(view, HEADER_BYTES + 8 * i);
}

function readSparse(view: DataView, { buckets }: FixedBucketsHistogram): void {
  if (view.byteLength < HEADER_BYTES + 4) throw damaged(`${view.byteLength} bytes cut the header`);
  const present = view.getInt32(HEADER_BYTES);
  checkLength(view, HEADER_BYTES + 4 + 12 * present);
  let before = -1;
  for (let i = 0; i < present; i++) {
    const at = HEADER_BYTES + 4 + 12 * i;
    const bucket = view.getInt32(at);
    if (bucket <= before || bucket >= buckets.length) throw damaged(`bucket ${bucket}`);
    buckets[bucket] = readCount(view, at + 4);
    before = bucket;
  }
}

function checkLength({ byteLength }: DataView, wanted: number): void {
  if (byteLength !== wanted) throw damaged(`${byteLength} bytes, want ${wanted}`);
}

function readCount(view: DataView, at: number): number {
  const count = Number(view.getBigInt64(at));
  if (!(Number.isSafeInteger(count) && count >= 0)) throw damaged(`a count of ${count}`);
  return count;
}

const HEADER_BYTES = 71;
const VERSION = 1;
const FULL = 1;
const SPARSE = 2;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('fixed buckets histogram', detail);
}
