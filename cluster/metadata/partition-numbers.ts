import { chunkKey } from './chunk-intervals.js';
import type { ChunkPlace } from './marks.js';
import type { SpentPartitionsRow } from './schema.js';
import type { PlacedSegment } from './stored-segment.js';

/** Gives out the partition numbers of a table's chunks, each once for ever. */
export class PartitionNumbers {
  readonly #next = new Map<string, number>();

  /** From all segments of the table, used or not, and what is known of those that were removed. */
  constructor(
    existing: readonly Pick<PlacedSegment, 'id'>[],
    spent: readonly SpentPartitionsRow[],
  ) {
    for (const { id } of existing) this.#skipTo(id, id.partitionNum + 1);
    for (const { start_ms, end_ms, version, next_partition } of spent) {
      this.#skipTo({ interval: { startMs: start_ms, endMs: end_ms }, version }, next_partition);
    }
  }

  take(chunk: ChunkPlace): number {
    const number = this.#next.get(chunkKey(chunk)) ?? 0;
    this.#skipTo(chunk, number + 1);
    return number;
  }

  #skipTo(chunk: ChunkPlace, next: number): void {
    const key = chunkKey(chunk);
    this.#next.set(key, Math.max(next, this.#next.get(key) ?? 0));
  }
}
