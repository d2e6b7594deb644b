import { ArenaPool, type ArenaPoolOptions } from '../../../core/index.js';
import type { MutableSegment } from '../../../segments/index.js';
import type { LiveRelease, LiveTable } from '../types.js';
import type { LiveStore } from './live-rows.js';

/**
 * The memory and files of live parts. What is replaced stays until nobody reads it: `released` says so, from
 * whoever gives queries their snapshots.
 */
export class LiveMemory implements LiveStore {
  readonly pool: ArenaPool;
  readonly #retired = new Map<number, () => void>();
  readonly #growing = new Map<number, MutableSegment>();
  /** Called at the next release. */
  readonly #waiting: (() => void)[] = [];
  /** Parts that were announced, until they are released. */
  readonly #shown = new Set<number>();
  #ids = 0;

  constructor(options: ArenaPoolOptions) {
    this.pool = new ArenaPool(options);
  }

  /** What live rows take, replaced ones that queries still read among them. */
  get usedBytes(): number {
    return this.pool.usedBytes;
  }

  nextId(): number {
    return ++this.#ids;
  }

  retire(id: number, free: () => void): void {
    this.#growing.delete(id);
    if (this.#shown.has(id)) this.#retired.set(id, free);
    else free();
  }

  /** These parts are announced: from now on they may have readers. */
  show(tables: readonly LiveTable[]): void {
    for (const { generations } of tables) {
      for (const { parts } of generations) for (const { id } of parts) this.#shown.add(id);
    }
  }

  outgrown(id: number, segment: MutableSegment): void {
    this.#growing.set(id, segment);
  }

  /** A part that is still announced is never released as a whole. */
  released({ id, lowestLayout }: LiveRelease): void {
    if (lowestLayout !== null) {
      this.#growing.get(id)?.releaseBefore(lowestLayout);
      return;
    }
    this.#retired.get(id)?.();
    this.#retired.delete(id);
    this.#shown.delete(id);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves when something that was replaced is free; at once when nothing waits for that. */
  nextRelease(): Promise<void> {
    if (this.#retired.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Frees everything: no query runs any more. */
  close(): void {
    for (const free of this.#retired.values()) free();
    this.#retired.clear();
  }
}
