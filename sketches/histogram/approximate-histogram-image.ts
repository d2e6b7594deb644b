import { CorruptSketchError } from '../../core/index.js';
import {
  ApproximateHistogram,
  type Bin,
  type HistogramLimits,
  isHistogramSize,
  NO_LIMITS,
} from './approximate-histogram.js';

/**
 * A histogram as Druid's extension writes it, big-endian; b = how many bins there are.
 *
 *     sparse          size i32, -b i32, positions f32 × b, counts i64 × b, min f32, max f32
 *     dense           size i32, b i32, positions f32 × size, counts i64 × size, min f32, max f32
 *     compact         -size i16, e i8 ≥ 0, f32 × e: the numbers themselves
 *     compact, mixed  -size i16, -m i8 < 0, f32 × m: positions of mixed bins, repeated, min f32, max f32, e i8, f32 × e
 *
 * The sign bit of a count says that numbers of its bin differ. Written is sparse, or compact where that takes less; all are read.
 */
export function approximateHistogramImage(
  histogram: ApproximateHistogram,
): Uint8Array<ArrayBuffer> {
  const bins = binsOf(histogram);
  const exact = bins.filter(({ isExact }) => isExact);
  const mixed = bins.filter(({ isExact }) => !isExact);
  const [exactCount, mixedCount] = [exact, mixed].map(countOf) as [number, number];
  const compactBytes = 3 + 4 * exactCount + (mixedCount === 0 ? 0 : 9 + 4 * mixedCount);
  const fits = histogram.size <= 32_767 && exactCount <= 127 && mixedCount <= 127;
  if (!fits || compactBytes >= 16 + 12 * bins.length) return sparseImage(histogram, bins);
  const view = new DataView(new ArrayBuffer(compactBytes));
  view.setInt16(0, -histogram.size);
  let at = 2;
  if (mixedCount > 0) {
    view.setInt8(2, -mixedCount);
    at = writeNumbers(view, 3, mixed);
    view.setFloat32(at, histogram.min);
    view.setFloat32(at + 4, histogram.max);
    at += 8;
  }
  view.setInt8(at, exactCount);
  writeNumbers(view, at + 1, exact);
  return new Uint8Array(view.buffer);
}

const binsOf = (histogram: ApproximateHistogram): Bin[] =>
  Array.from({ length: histogram.binCount }, (_, i) => histogram.bin(i));

const countOf = (bins: readonly Bin[]): number => bins.reduce((sum, { count }) => sum + count, 0);

/** Every position as often as it counts; returns where they end. */
function writeNumbers(view: DataView, from: number, bins: readonly Bin[]): number {
  let at = from;
  for (const { position, count } of bins) {
    for (let i = 0; i < count; i++) {
      view.setFloat32(at, position);
      at += 4;
    }
  }
  return at;
}

function sparseImage(
  histogram: ApproximateHistogram,
  bins: readonly Bin[],
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16 + 12 * bins.length));
  view.setInt32(0, histogram.size);
  view.setInt32(4, -bins.length);
  for (const [i, { position, count, isExact }] of bins.entries()) {
    view.setFloat32(8 + 4 * i, position);
    view.setBigUint64(8 + 4 * bins.length + 8 * i, BigInt(count) | (isExact ? 0n : MIXED));
  }
  view.setFloat32(8 + 12 * bins.length, histogram.min);
  view.setFloat32(12 + 12 * bins.length, histogram.max);
  return new Uint8Array(view.buffer);
}

/** Throws CorruptSketchError for what is none of these. */
export function readApproximateHistogramImage(
  bytes: Uint8Array,
  limits: HistogramLimits = NO_LIMITS,
): ApproximateHistogram {
  if (bytes.length < 3) throw damaged(`${bytes.length} bytes hold no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { size, bins, extremes } = view.getInt16(0) < 0 ? readCompact(view) : readBins(view);
  return make(size, bins, extremes, limits);
}

interface Contents {
  readonly size: number;
  readonly bins: readonly Bin[];
  readonly extremes: { readonly min: number; readonly max: number };
}

function readBins(view: DataView): Contents {
  if (view.byteLength < 16) throw damaged(`${view.byteLength} bytes cut the header`);
  const size = checkSize(view.getInt32(0));
  const signed = view.getInt32(4);
  const binCount = Math.abs(signed);
  // No bins at all are written as zero, which reads as dense.
  const isEmpty = signed === 0 && view.byteLength === 16;
  const slots = signed < 0 || isEmpty ? binCount : size;
  if (binCount > size) throw damaged(`${binCount} bins of ${size}`);
  checkLength(view, 16 + 12 * slots);
  const bins: Bin[] = [];
  for (let i = 0; i < binCount; i++) {
    const word = view.getBigUint64(8 + 4 * slots + 8 * i);
    const count = Number(word & ~MIXED);
    if (!Number.isSafeInteger(count) || count === 0) throw damaged(`a count of ${count}`);
    bins.push({ position: view.getFloat32(8 + 4 * i), count, isExact: (word & MIXED) === 0n });
  }
  const end = 8 + 12 * slots;
  return { size, bins, extremes: { min: view.getFloat32(end), max: view.getFloat32(end + 4) } };
}

function readCompact(view: DataView): Contents {
  const size = checkSize(-view.getInt16(0));
  const first = view.getInt8(2);
  if (first >= 0) {
    checkLength(view, 3 + 4 * first);
    const exact = readNumbers(view, 3, first, true);
    const positions = exact.map(({ position }) => position);
    const extremes = { min: Math.min(...positions), max: Math.max(...positions) };
    return { size, bins: exact, extremes };
  }
  const exactAt = 11 - 4 * first;
  if (view.byteLength <= exactAt) throw damaged(`${view.byteLength} bytes cut mixed bins`);
  const exactCount = view.getInt8(exactAt);
  checkLength(view, exactCount < 0 ? -1 : exactAt + 1 + 4 * exactCount);
  const mixed = readNumbers(view, 3, -first, false);
  const exact = readNumbers(view, exactAt + 1, exactCount, true);
  const extremes = { min: view.getFloat32(exactAt - 8), max: view.getFloat32(exactAt - 4) };
  return { size, bins: [...mixed, ...exact], extremes };
}

/** Bins of one number each. */
const readNumbers = (view: DataView, from: number, count: number, isExact: boolean): Bin[] =>
  Array.from({ length: count }, (_, i) => ({
    position: view.getFloat32(from + 4 * i),
    count: 1,
    isExact,
  }));

function make(
  size: number,
  bins: readonly Bin[],
  extremes: Contents['extremes'],
  limits: HistogramLimits,
): ApproximateHistogram {
  const distinct = new Set(bins.map(({ position }) => position));
  if (distinct.size > size) throw damaged(`${distinct.size} bins of ${size}`);
  for (const position of distinct) {
    // Written so that NaN fails.
    if (!(position >= extremes.min && position <= extremes.max && Number.isFinite(position))) {
      throw damaged(`a bin at ${position}, outside ${extremes.min} to ${extremes.max}`);
    }
  }
  const total = countOf(bins);
  if (!Number.isSafeInteger(total)) throw damaged(`a count of ${total}`);
  const ends = bins.length === 0 ? NONE : extremes;
  return ApproximateHistogram.of(size, bins, ends, limits);
}

function checkSize(size: number): number {
  if (isHistogramSize(size)) return size;
  throw damaged(`size ${size}`);
}

function checkLength({ byteLength }: DataView, wanted: number): void {
  if (byteLength !== wanted) throw damaged(`${byteLength} bytes, want ${wanted}`);
}

const NONE = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
const MIXED = 1n << 63n;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('approximate histogram', detail);
}
