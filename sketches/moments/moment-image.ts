import { CorruptSketchError } from '../../core/index.js';
import { isMomentCount, MomentSketch } from './moment-sketch.js';

/**
 * A moments sketch as Druid's extension writes it. Big-endian; k = how many power sums. It has no version: its length and k are all
 * that tells another form.
 *
 *     offset  size  field
 *     0       4     k            i32, 2 to 15
 *     4       4     compressed   i32: 1 if numbers are summed as their arcsinh, else 0
 *     8       8     min          f64, of numbers as they are summed; the largest double of none
 *     16      8     max          f64; the least double of none
 *     24      8k    sums         f64 each: how many numbers, their sum, that of their squares, …
 */
export function momentImage(sketch: MomentSketch): Uint8Array<ArrayBuffer> {
  const { isCompressed, least, most, sums } = sketch.state();
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 8 * sums.length));
  view.setInt32(0, sums.length);
  view.setInt32(4, isCompressed ? 1 : 0);
  view.setFloat64(8, Math.min(least, Number.MAX_VALUE));
  view.setFloat64(16, Math.max(most, -Number.MAX_VALUE));
  for (const [i, sum] of sums.entries()) view.setFloat64(HEADER_BYTES + 8 * i, sum);
  return new Uint8Array(view.buffer);
}

/** Throws CorruptSketchError for what is no such image. */
export function readMomentImage(bytes: Uint8Array): MomentSketch {
  if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes cut the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const k = view.getInt32(0);
  if (!isMomentCount(k)) throw damaged(`${k} moments, want 2 to 15`);
  if (bytes.length !== HEADER_BYTES + 8 * k) throw damaged(`${bytes.length} bytes of ${k} moments`);
  const compressed = view.getInt32(4);
  if (compressed !== 0 && compressed !== 1) throw damaged(`compressed ${compressed}`);
  const [least, most] = [view.getFloat64(8), view.getFloat64(16)];
  const sums = Float64Array.from({ length: k }, (_, i) => view.getFloat64(HEADER_BYTES + 8 * i));
  check(least, most, sums);
  return MomentSketch.of({ isCompressed: compressed === 1, least, most, sums });
}

/** Higher powers of large numbers may have overflowed; what does not fit is left out when quantiles are asked for. */
function check(least: number, most: number, sums: Float64Array): void {
  const count = sums[0]!;
  if (!(Number.isInteger(count) && count >= 0)) throw damaged(`a count of ${count}`);
  if (count === 0) {
    if (sums.some((sum) => sum !== 0)) throw damaged('sums of no numbers');
    return;
  }
  // Written so that NaN fails.
  if (!(least <= most && Number.isFinite(least) && Number.isFinite(most))) {
    throw damaged(`numbers from ${least} to ${most}`);
  }
}

const HEADER_BYTES = 24;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('moments', detail);
}
