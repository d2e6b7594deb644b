import { Arena, type RangeContent } from './arena.js';
import { reservedBytes } from './arena-allocator.js';
import { invariant, ResourceLimitError } from './errors.js';

const freeBytes = (arena: Arena): number => arena.sizeBytes - arena.usedBytes;

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

  /**
   * Ranges of these sizes in one arena: in `within`, or where there is most room for more to come. Null where `within` has
   * no room for all of them. Throws ResourceLimitError when the budget does not hold them.
   */
  allocateTogether(
    sizes: readonly number[],
    within: Arena | null,
    content: RangeContent = 'zeroed',
  ): ArenaRange[] | null {
    const wanted = sizes.reduce((sum, size) => sum + reservedBytes(size), 0);
    if (this.usedTotal + wanted > this.options.maxBytes) throw this.overBudget(wanted);
    if (within !== null) return this.allocateAllIn(within, sizes, content);
    const roomiest = [...this.arenas].sort((a, b) => freeBytes(b) - freeBytes(a));
    // Pages cost nothing until they are touched: until the arenas span the budget, one that is half full is full enough.
    const mayAddOne = this.reservedBytes + this.options.arenaBytes <= this.options.maxBytes;
    for (const arena of roomiest) {
      const isHalfFull = arena.usedBytes > 0 && 2 * (arena.usedBytes + wanted) > arena.sizeBytes;
      if (mayAddOne && isHalfFull) break;
      const ranges = this.allocateAllIn(arena, sizes, content);
      if (ranges !== null) return ranges;
    }
    return this.allocateAllIn(this.newArena(wanted), sizes, content);
  }

  /** Gives a range back, once. */
  free(range: ArenaRange): void {
    const { arena } = range;
    invariant(this.arenas.includes(arena), 'range of another pool');
    this.giveBack(range);
    if (arena.usedBytes === 0) this.dropUnlessSpare(arena);
  }

  private giveBack({ arena, offset }: ArenaRange): void {
    const before = arena.usedBytes;
    arena.free(offset);
    this.usedTotal += arena.usedBytes - before;
  }

  private allocateInExisting(sizeBytes: number, content: RangeContent): ArenaRange | null {
    for (const arena of this.arenas) {
      const range = this.allocateIn(arena, sizeBytes, content);
      if (range !== null) return range;
    }
    return null;
  }

  private allocateInNew(sizeBytes: number, content: RangeContent): ArenaRange {
    const arena = this.newArena(reservedBytes(sizeBytes));
    const range = this.allocateIn(arena, sizeBytes, content);
    invariant(range !== null, 'a new arena holds the range it was made for');
    return range;
  }

  private newArena(wantedBytes: number): Arena {
    const { arenaBytes, scratchBytes } = this.options;
    const arena = Arena.create(Math.max(arenaBytes, wantedBytes), scratchBytes);
    this.arenas.push(arena);
    return arena;
  }

  /** All of them, or null and none. */
  private allocateAllIn(
    arena: Arena,
    sizes: readonly number[],
    content: RangeContent,
  ): ArenaRange[] | null {
    const ranges: ArenaRange[] = [];
    for (const size of sizes) {
      const range = this.allocateIn(arena, size, content);
      if (range === null) {
        for (const made of ranges) this.giveBack(made);
        return null;
      }
      ranges.push(range);
    }
    return ranges;
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
