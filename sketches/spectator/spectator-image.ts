import { CorruptSketchError } from '../../core/index.js';
import { isBucket, SpectatorHistogram } from './spectator-histogram.js';

/**
 * A Spectator histogram as Druid's extension writes it, big-endian: for each bucket that has numbers (ascending here, in any order
 * there) a head of 16 bits, then its count where the head has no place for it. It has no version.
 *
 *     bits    field
 *     0-8     bucket
 *     9       1: bits 10 to 15 are the count, 63 at most, and nothing follows
 *     10-15   else how the count follows: 32 as u8, 16 as u16, 48 as u32, 0 as i64
 */
export function spectatorImage(histogram: SpectatorHistogram): Uint8Array<ArrayBuffer> {
  const buckets = histogram.buckets();
  const view = new DataView(new ArrayBuffer(MOST_BYTES * buckets.length));
  let at = 0;
  for (const [bucket, count] of buckets) {
    const isShort = count <= MOST_IN_HEAD;
    const form = FORMS.find(({ most }) => count <= most)!;
    view.setUint16(at, bucket | (isShort ? IN_HEAD | (count << 10) : form.bits << 10));
    at += 2;
    if (isShort) continue;
    form.write(view, at, count);
    at += form.bytes;
  }
  return new Uint8Array(view.buffer, 0, at).slice();
}

/** Throws CorruptSketchError for what is no such image. */
export function readSpectatorImage(bytes: Uint8Array): SpectatorHistogram {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const histogram = new SpectatorHistogram();
  const seen = new Set<number>();
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) throw damaged(`${bytes.length} bytes cut a bucket`);
    const head = view.getUint16(at);
    at += 2;
    const bucket = head & BUCKET_MASK;
    if (!isBucket(bucket) || seen.has(bucket)) throw damaged(`bucket ${bucket}`);
    seen.add(bucket);
    if ((head & IN_HEAD) !== 0) {
      addTo(histogram, bucket, head >> 10);
      continue;
    }
    const form = FORMS.find(({ bits }) => bits === head >> 10);
    if (form === undefined) throw damaged(`a count of form ${head >> 10}`);
    if (at + form.bytes > bytes.length) throw damaged(`${bytes.length} bytes cut a count`);
    addTo(histogram, bucket, form.read(view, at));
    at += form.bytes;
  }
  return histogram;
}

/** No bucket is written that has nothing, and all of them together have no more than a number holds. */
function addTo(histogram: SpectatorHistogram, bucket: number, count: number): void {
  if (!(count > 0 && Number.isSafeInteger(histogram.count + count))) {
    throw damaged(`a count of ${count}`);
  }
  histogram.addTo(bucket, count);
}

/** How counts follow their head, in the order of what they hold. */
const FORMS = [
  {
    bits: 32,
    bytes: 1,
    most: 0xff,
    write: (view: DataView, at: number, count: number) => view.setUint8(at, count),
    read: (view: DataView, at: number) => view.getUint8(at),
  },
  {
    bits: 16,
    bytes: 2,
    most: 0xffff,
    write: (view: DataView, at: number, count: number) => view.setUint16(at, count),
    read: (view: DataView, at: number) => view.getUint16(at),
  },
  {
    bits: 48,
    bytes: 4,
    most: 0xffff_ffff,
    write: (view: DataView, at: number, count: number) => view.setUint32(at, count),
    read: (view: DataView, at: number) => view.getUint32(at),
  },
  {
    bits: 0,
    bytes: 8,
    most: Number.POSITIVE_INFINITY,
    write: (view: DataView, at: number, count: number) => view.setBigInt64(at, BigInt(count)),
    read: (view: DataView, at: number) => Number(view.getBigInt64(at)),
  },
];

const BUCKET_MASK = 0x1ff;
const IN_HEAD = 0x200;
const MOST_IN_HEAD = 63;
const MOST_BYTES = 10;

const damaged = (detail: string): CorruptSketchError =>
  new CorruptSketchError('Spectator histogram', detail);
