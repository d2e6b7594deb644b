import { ArenaAllocator } from './arena-allocator.js';
import { ResourceLimitError } from './errors.js';

const PAGE_BYTES = 65_536;

/** What one WebAssembly memory can hold: 65,536 pages. */
const MAX_PAGES = 65_536;
const MAX_ARENA_BYTES = PAGE_BYTES * MAX_PAGES;

/** What lies in a range that was just allocated. */
export type RangeContent = 'zeroed' | 'anything';

/**
 * One shared WebAssembly memory, carved into ranges. Every worker thread that is sent `memory` sees
 * the same bytes, and compiled kernels address them directly. Only the owning thread allocates.
 *
 * The memory never grows, so views over it stay valid. Untouched pages cost no RAM.
 */
export class Arena {
  private readonly allocator: ArenaAllocator;
  /** Bytes from here on were never handed out, so they still are zero. */
  private cleanFrom = 0;

  private constructor(
    readonly memory: WebAssembly.Memory,
    private readonly scratchBytes: number,
  ) {
    this.allocator = new ArenaAllocator(memory.buffer.byteLength - scratchBytes);
  }

  /**
   * An arena of `sizeBytes`, rounded up to whole 64 KiB pages, and `scratchBytes` behind them, or what is left
   * of 4 GiB, both in one memory. Throws ResourceLimitError beyond 4 GiB or the address space.
   */
  static create(sizeBytes: number, scratchBytes = 0): Arena {
    const ownPages = Math.max(1, Math.ceil(sizeBytes / PAGE_BYTES));
    if (ownPages > MAX_PAGES) throw arenaTooLarge(sizeBytes);
    const scratchPages = Math.min(Math.ceil(scratchBytes / PAGE_BYTES), MAX_PAGES - ownPages);
    const pages = ownPages + scratchPages;
    try {
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
      return new Arena(memory, scratchPages * PAGE_BYTES);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ResourceLimitError(
        `the system gives no memory arena of ${sizeBytes} bytes; lower the memory budgets`,
        MAX_ARENA_BYTES,
        sizeBytes,
      );
    }
  }

  get sizeBytes(): number {
    return this.allocator.sizeBytes;
  }

  /** Where the bytes are that are never allocated; null when there are none. */
  get scratch(): { readonly offset: number; readonly sizeBytes: number } | null {
    if (this.scratchBytes === 0) return null;
    return { offset: this.sizeBytes, sizeBytes: this.scratchBytes };
  }

  /** Bytes taken, alignment and padding included. */
  get usedBytes(): number {
    return this.allocator.usedBytes;
  }

  /**
   * The offset of `sizeBytes` bytes, 64-byte aligned, with 64 bytes or more behind them that may be read over; null
   * when there is no room. The first offset is 0. The bytes are zeroed, unless the caller takes them as they are:
   * zeroing costs the RAM of pages that may never be used.
   */
  allocate(sizeBytes: number, content: RangeContent = 'zeroed'): number | null {
    const offset = this.allocator.allocate(sizeBytes);
    if (offset === null) return null;
    const end = offset + sizeBytes;
    const dirtyEnd = content === 'zeroed' ? Math.min(end, this.cleanFrom) : offset;
    if (offset < dirtyEnd) new Uint8Array(this.memory.buffer, offset, dirtyEnd - offset).fill(0);
    this.cleanFrom = Math.max(this.cleanFrom, end);
    return offset;
  }

  /** Gives a range back; throws InternalError when `offset` is not in use. */
  free(offset: number): void {
    this.allocator.free(offset);
  }
}

function arenaTooLarge(sizeBytes: number): ResourceLimitError {
  return new ResourceLimitError(
    `a memory arena holds at most ${MAX_ARENA_BYTES} bytes, wanted ${sizeBytes}; use smaller segments`,
    MAX_ARENA_BYTES,
    sizeBytes,
  );
}
