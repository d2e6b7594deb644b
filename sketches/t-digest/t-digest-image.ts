import { CorruptSketchError } from '../../core/index.js';
import { isCompression, TDigest } from './t-digest.js';

/**
 * A t-digest as Dunning's library writes its merging digest, which Druid's extension does too. Big-endian; n = how many centroids.
 *
 *     offset  size  field
 *     0       4     form         i32: 1 verbose, which is written, or 2 small
 *     4       8     min          f64, Infinity of none
 *     12      8     max          f64, -Infinity of none
 *     20      8     compression  f64; small: f32
 *     28      4     n            i32; small: three i16 from 24 on, the last of which is n
 *     32      8n    weights      f64 each; small: f32 from 30 on
 *     …       8n    means        f64 each, ascending; small: f32
 */
export function tDigestImage(digest: TDigest): Uint8Array<ArrayBuffer> {
  const { means, weights } = digest.centroids();
  const view = new DataView(new ArrayBuffer(VERBOSE.headerBytes + 16 * means.length));
  view.setInt32(0, VERBOSE.form);
  view.setFloat64(4, digest.min);
  view.setFloat64(12, digest.max);
  view.setFloat64(20, digest.compression);
  view.setInt32(28, means.length);
  for (let i = 0; i < means.length; i++) {
    view.setFloat64(VERBOSE.headerBytes + 8 * i, weights[i]!);
    view.setFloat64(VERBOSE.headerBytes + 8 * (means.length + i), means[i]!);
  }
  return new Uint8Array(view.buffer);
}

/** Throws CorruptSketchError for what is no such image. */
export function readTDigestImage(bytes: Uint8Array): TDigest {
  if (bytes.length < SMALL.headerBytes) throw damaged(`${bytes.length} bytes cut the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const form = view.getInt32(0);
  const layout = [VERBOSE, SMALL].find((each) => each.form === form);
  if (layout === undefined) throw damaged(`form ${form}`);
  if (bytes.length < layout.headerBytes) throw damaged(`${bytes.length} bytes cut the header`);
  const n = layout === SMALL ? view.getInt16(28) : view.getInt32(28);
  const compression = layout === SMALL ? view.getFloat32(20) : view.getFloat64(20);
  if (!isCompression(compression)) throw damaged(`compression ${compression}`);
  const wanted = layout.headerBytes + 2 * layout.itemBytes * n;
  if (n < 0 || bytes.length !== wanted) throw damaged(`${bytes.length} bytes of ${n} centroids`);
  const read = (i: number): number => {
    const at = layout.headerBytes + layout.itemBytes * i;
    return layout === SMALL ? view.getFloat32(at) : view.getFloat64(at);
  };
  const weights = Float64Array.from({ length: n }, (_, i) => read(i));
  const means = Float64Array.from({ length: n }, (_, i) => read(n + i));
  const extremes = { min: view.getFloat64(4), max: view.getFloat64(12) };
  check(means, weights, extremes);
  return TDigest.of(compression, { means, weights }, extremes);
}

/** In the small form means are rounded, extremes are not. */
function check(
  means: Float64Array,
  weights: Float64Array,
  { min, max }: { min: number; max: number },
): void {
  let total = 0;
  let before = Math.fround(min) < min ? Math.fround(min) : min;
  const last = Math.max(Math.fround(max), max);
  for (let i = 0; i < means.length; i++) {
    const [mean, weight] = [means[i]!, weights[i]!];
    if (!(weight >= 1)) throw damaged(`a weight of ${weight}`);
    // Written so that NaN fails.
    if (!(mean >= before && mean <= last && Number.isFinite(mean))) {
      throw damaged(`mean ${mean} is out of order`);
    }
    before = mean;
    total += weight;
  }
  if (total > Number.MAX_SAFE_INTEGER) throw damaged(`a weight of ${total}`);
}

const VERBOSE = { form: 1, headerBytes: 32, itemBytes: 8 };
const SMALL = { form: 2, headerBytes: 30, itemBytes: 4 };

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('t-digest', detail);
}
