import { Arena, type RangeContent } from './arena.js';
import { reservedBytes } from './arena-allocator.js';
import { invariant, ResourceLimitError } from './errors.js';

export interface ArenaRange {
  readonly arena: Arena;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface ArenaPoolOptions {
  /** Size of an ordinary arena. */
  readonly arenaBytes: number;
  /** How many bytes may be in use at once, alignment and padding included. */
  readonly maxBytes: number;
  /** Bytes beside the ranges of each arena that stay free for those who read them; none unless given. */
  readonly scratchBytes?: number;
}

/**
 * Ranges out of as many arenas as are needed, within one budget of used bytes. Arenas are made on
 * demand; an empty one is dropped, save one of ordinary size kept for the next allocation.
 *
 * The budget bounds what is in use; `reservedBytes` is what the arenas span, more by the free
 * space between ranges.
 */
export class ArenaPool {
  private readonly arenas: Arena[] = [];
  private usedTotal = 0;

  constructor(private readonly options: ArenaPoolOptions) {
    invariant(options.arenaBytes > 0 && options.maxBytes >= 0, 'arena pool sizes');
  }

  /** Bytes in use, alignment and padding included. */
  get usedBytes(): number {
    return this.usedTotal;
  }

  /** Bytes that the arenas of the pool span. */
  get reservedBytes(): number {
    return this.arenas.reduce((sum, arena) => sum + arena.sizeBytes, 0);
  }

  /**
   * A range of `sizeBytes` (see `Arena.allocate`); one larger than `arenaBytes` gets an arena
   * of its own. Throws ResourceLimitError when the budget does not hold it.
   */
  allocate(sizeBytes: number, content: RangeContent = 'zeroed'): ArenaRange {
    const wanted = reservedBytes(sizeBytes);
    if (this.usedTotal + wanted > this.options.maxBytes) throw this.overBudget(wanted);
    return this.allocateInExisting(sizeBytes, content) ?? this.allocateInNew(sizeBytes, content);
  }

  /** Gives a range back, once. */
  free(range: ArenaRange): void {
    const { arena, offset } = range;
    invariant(this.arenas.includes(arena), 'range of another pool');
    const before = arena.usedBytes;
    arena.free(offset);
    this.usedTotal += arena.usedBytes - before;
    if (arena.usedBytes === 0) this.dropUnlessSpare(arena);
  }

  private allocateInExisting(sizeBytes: number, content: RangeContent): ArenaRange | null {
    for (const arena of this.arenas) {
      const range = this.allocateIn(arena, sizeBytes, content);
      if (range !== null) return range;
    }
    return null;
  }

  private allocateInNew(sizeBytes: number, content: RangeContent): ArenaRange {
    const arena = Arena.create(
      Math.max(this.options.arenaBytes, reservedBytes(sizeBytes)),
      this.options.scratchBytes,
    );
    this.arenas.push(arena);
    const range = this.allocateIn(arena, sizeBytes, content);
    invariant(range !== null, 'a new arena holds the range it was made for');
    return range;
  }

  private allocateIn(arena: Arena, sizeBytes: number, content: RangeContent): ArenaRange | null {
    const before = arena.usedBytes;
    const offset = arena.allocate(sizeBytes, content);
    if (offset === null) return null;
    this.usedTotal += arena.usedBytes - before;
    return { arena, offset, sizeBytes };
  }

  private dropUnlessSpare(arena: Arena): void {
    const hasSpare = this.arenas.some((other) => other !== arena && other.usedBytes === 0);
    if (!hasSpare && !this.isOversized(arena)) return;
    this.arenas.splice(this.arenas.indexOf(arena), 1);
  }

  /** Whether the arena was made for one large range: more than an ordinary one rounded up to a page. */
  private isOversized(arena: Arena): boolean {
    return arena.sizeBytes >= this.options.arenaBytes + 65_536;
  }

  private overBudget(wanted: number): ResourceLimitError {
    const { maxBytes } = this.options;
    return new ResourceLimitError(
      `memory for columns is limited to ${maxBytes} bytes, ${this.usedTotal} are in use and ${wanted} more are needed; ` +
        'raise the memory budget or read less at once',
      maxBytes,
      this.usedTotal + wanted,
    );
  }
}
