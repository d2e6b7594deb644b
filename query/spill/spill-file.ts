import {
  CorruptSpillError,
  crc32c,
  type Disk,
  ResourceLimitError,
  type WriteFile,
} from '../../core/index.js';
import type { SharedCounter, SpilledPieces } from './spilled.js';

/**
 * A file of groups, which nobody but the process that writes it ever reads:
 *
 *     pieces of one `write` │ pieces of the next │ …
 *
 * Where pieces begin, and their CRC-32C, is not in the file: it is what `write` gives. The file is made when something is
 * written, and is not synced, for nobody wants it after a power cut.
 */
export class SpillFile {
  #file: WriteFile | null = null;
  #offset = 0;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly written: readonly SharedCounter[],
  ) {}

  /** Writes pieces that follow each other in `bytes`; piece i ends before `ends[i]`. Throws ResourceLimitError. */
  write(bytes: Uint8Array, ends: Float64Array<ArrayBuffer>): SpilledPieces {
    take(this.written, bytes.length);
    const checksums = new Uint32Array(ends.length);
    for (let i = 0; i < ends.length; i++) {
      checksums[i] = crc32c(bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!));
    }
    this.#file ??= this.disk.create(this.path);
    this.#file.write(bytes);
    const offset = this.#offset;
    this.#offset += bytes.length;
    return { path: this.path, offset, ends, checksums };
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}

/** Adds to all counters or, where one is beyond its limit then, to none. */
function take(counters: readonly SharedCounter[], bytes: number): void {
  const added = counters.map(({ count }) => Number(Atomics.add(count, 0, BigInt(bytes))) + bytes);
  const beyond = counters.findIndex(({ limitBytes }, i) => added[i]! > limitBytes);
  if (beyond < 0) return;
  for (const { count } of counters) Atomics.sub(count, 0, BigInt(bytes));
  const { limitBytes, name } = counters[beyond]!;
  throw new ResourceLimitError(
    `the query would write more than ${limitBytes} bytes of groups to disk (${name}); filter more, group by fewer dimensions, use a coarser granularity, or raise it`,
    limitBytes,
    added[beyond]!,
  );
}

/** The bytes of pieces [from, to), aligned for words of any size. Throws CorruptSpillError where they are not what was written. */
export function readPieces(
  disk: Disk,
  { path, offset, ends, checksums }: SpilledPieces,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const startOf = (piece: number): number => (piece === 0 ? 0 : ends[piece - 1]!);
  const start = startOf(from);
  const bytes = new Uint8Array(startOf(to) - start);
  if (bytes.length === 0) return bytes;
  const file = disk.openRead(path);
  try {
    file.readInto(bytes, offset + start);
  } finally {
    file.close();
  }
  for (let piece = from; piece < to; piece++) {
    const at = startOf(piece);
    const found = crc32c(bytes.subarray(at - start, ends[piece]! - start));
    if (found !== checksums[piece]) throw new CorruptSpillError(path, offset + at);
  }
  return bytes;
}
