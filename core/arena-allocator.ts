import { InternalError, invariant } from './errors.js';

/** Every offset is a multiple of this, which is also a cache line and more than a SIMD vector. */
export const ARENA_ALIGNMENT = 64;

/** Bytes behind every range that belong to nobody, so that a vector load may run over its end. */
export const ARENA_PADDING = 64;

/** The bytes that a request of `sizeBytes` takes: padded, then rounded up to the alignment. */
export function reservedBytes(sizeBytes: number): number {
  return Math.ceil((sizeBytes + ARENA_PADDING) / ARENA_ALIGNMENT) * ARENA_ALIGNMENT;
}

/**
 * Decides which bytes of [0, sizeBytes) are whose; touches no memory.
 *
 * Best fit over free ranges kept in address order, neighbours merged on free. Segments are few and
 * large, so a linear search is short, and best fit keeps the large ranges whole.
 *
 * Invariants  free and used ranges tile [0, sizeBytes); no two free ranges touch; every boundary
 *             but the last is a multiple of ARENA_ALIGNMENT
 */
export class ArenaAllocator {
  /** Parallel, in address order. */
  private readonly freeOffsets: number[] = [];
  private readonly freeSizes: number[] = [];
  /** Reserved size by offset. */
  private readonly used = new Map<number, number>();
  private usedTotal = 0;

  constructor(readonly sizeBytes: number) {
    invariant(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, `arena of ${sizeBytes} bytes`);
    if (sizeBytes > 0) this.insertFree(0, 0, sizeBytes);
  }

  /** Bytes taken, alignment and padding included. */
  get usedBytes(): number {
    return this.usedTotal;
  }

  /** The offset of a range of `reservedBytes(sizeBytes)`, or null when no free range is large enough. */
  allocate(sizeBytes: number): number | null {
    invariant(
      Number.isSafeInteger(sizeBytes) && sizeBytes >= 0,
      `allocation of ${sizeBytes} bytes`,
    );
    const wanted = reservedBytes(sizeBytes);
    const index = this.bestFit(wanted);
    if (index < 0) return null;
    const offset = this.freeOffsets[index]!;
    const rest = this.freeSizes[index]! - wanted;
    if (rest === 0) this.removeFree(index);
    else {
      this.freeOffsets[index] = offset + wanted;
      this.freeSizes[index] = rest;
    }
    this.used.set(offset, wanted);
    this.usedTotal += wanted;
    return offset;
  }

  /** Gives a range back; throws InternalError when `offset` is not in use (a double free, say). */
  free(offset: number): void {
    const size = this.used.get(offset);
    if (size === undefined) throw new InternalError(`no arena range in use at offset ${offset}`);
    this.used.delete(offset);
    this.usedTotal -= size;
    const index = this.firstFreeBehind(offset);
    const joinsPrevious =
      index > 0 && this.freeOffsets[index - 1]! + this.freeSizes[index - 1]! === offset;
    const joinsNext = this.freeOffsets[index] === offset + size;
    if (joinsPrevious) {
      this.freeSizes[index - 1]! += size + (joinsNext ? this.freeSizes[index]! : 0);
      if (joinsNext) this.removeFree(index);
    } else if (joinsNext) {
      this.freeOffsets[index] = offset;
      this.freeSizes[index]! += size;
    } else this.insertFree(index, offset, size);
  }

  private bestFit(wanted: number): number {
    let best = -1;
    for (let i = 0; i < this.freeSizes.length; i++) {
      const size = this.freeSizes[i]!;
      if (size >= wanted && (best < 0 || size < this.freeSizes[best]!)) best = i;
    }
    return best;
  }

  private firstFreeBehind(offset: number): number {
    let low = 0;
    let high = this.freeOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.freeOffsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insertFree(index: number, offset: number, size: number): void {
    this.freeOffsets.splice(index, 0, offset);
    this.freeSizes.splice(index, 0, size);
  }

  private removeFree(index: number): void {
    this.freeOffsets.splice(index, 1);
    this.freeSizes.splice(index, 1);
  }
}
