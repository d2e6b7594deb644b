import type { ArenaPool, ArenaRange } from '../../core/index.js';
import type { ScratchRange } from '../types.js';
import { PART_ALIGNMENT, type Part } from './part.js';

/** Where a layout is. */
export interface LayoutPlace {
  /** Layouts are numbered from 1 on. */
  readonly layout: number;
  readonly memory: WebAssembly.Memory;
  /** Where its range begins. */
  readonly base: number;
  readonly scratch: ScratchRange | null;
}

interface Layout extends LayoutPlace {
  readonly range: ArenaRange;
}

const aligned = (bytes: number): number => Math.ceil(bytes / PART_ALIGNMENT) * PART_ALIGNMENT;

/**
 * Where the parts of a mutable segment lie: one after another in one range of an arena, each with room to grow. When
 * some part needs more, all move to a new range, in which those that are half full have twice the room: so a byte
 * is copied about once. Whoever was shown a layout may go on to read it: it stays until `releaseBefore` or `close`.
 */
export class Layouts {
  #current: Layout | null = null;
  #isShown = false;
  #number = 0;
  #older: Layout[] = [];

  constructor(private readonly pool: ArenaPool) {}

  /** Bytes taken, those of older layouts included. */
  get sizeBytes(): number {
    const all = this.#current === null ? this.#older : [...this.#older, this.#current];
    return all.reduce((sum, { range }) => sum + range.sizeBytes, 0);
  }

  /**
   * Gives the parts what they asked for. Throws ResourceLimitError when the pool is used up: then nothing has moved, and
   * what was asked for is forgotten.
   */
  ensure(parts: readonly Part[]): void {
    if (this.#current !== null && parts.every(({ fits }) => fits)) return;
    try {
      this.#move(parts);
    } catch (error) {
      for (const part of parts) part.forget();
      throw error;
    }
  }

  /** For readers: from now on the layout is kept. */
  show(): LayoutPlace {
    const { layout, memory, base, scratch } = this.#current!;
    this.#isShown = true;
    return { layout, memory, base, scratch };
  }

  /** Gives back the ranges of layouts before this one, which nobody reads any more. */
  releaseBefore(layout: number): void {
    for (const each of this.#older) if (each.layout < layout) this.pool.free(each.range);
    this.#older = this.#older.filter((each) => each.layout >= layout);
  }

  close(): void {
    this.releaseBefore(Number.POSITIVE_INFINITY);
    if (this.#current !== null) this.pool.free(this.#current.range);
    this.#current = null;
  }

  #move(parts: readonly Part[]): void {
    const sizeBytes = parts.reduce((sum, { nextBytes }) => sum + aligned(nextBytes), 0);
    const range = this.pool.allocate(sizeBytes, 'anything');
    const { memory, scratch } = range.arena;
    let offset = 0;
    for (const part of parts) {
      const { nextBytes } = part;
      part.moveTo(offset, new Uint8Array(memory.buffer, range.offset + offset, nextBytes));
      offset += aligned(nextBytes);
    }
    const old = this.#current;
    this.#current = { layout: ++this.#number, memory, base: range.offset, scratch, range };
    if (old === null) return;
    if (this.#isShown) this.#older.push(old);
    else this.pool.free(old.range);
    this.#isShown = false;
  }
}
