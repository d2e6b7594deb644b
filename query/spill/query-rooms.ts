import type { Logger } from '../../core/index.js';
import type { QueryLimits } from '../limits.js';
import type { QueryContext } from '../native/context.js';
import type { QueryStats } from '../result.js';
import { MemoryBudget, type QueryMemory } from './memory-budget.js';
import type { QuerySpill, SpillSpace } from './spill-space.js';

/** What a query may hold, and where it writes what is more. */
export interface QueryRoom {
  readonly memory: QueryMemory;
  /** Null where nothing may be written to disk. */
  readonly spill: QuerySpill | null;
  /** Groups of a job that take fewer bytes stay in memory; 0, in tests: all go to disk. */
  readonly leastSpillBytes: number;
}

export interface QueryRoomOptions {
  readonly limits: QueryLimits;
  /** Absent: nothing is written to disk. */
  readonly spillSpace?: SpillSpace | undefined;
  /** Tests make it small. */
  readonly leastSpillBytes?: number | undefined;
  readonly logger: Logger;
}

export interface OpenRoom {
  readonly room: QueryRoom;
  close(): Promise<void>;
}

/** Smaller files would be more in number than they are worth. */
const LEAST_SPILL_BYTES = 64 * 1024;

/** The room of the queries of a process. */
export class QueryRooms {
  readonly #budget: MemoryBudget;

  constructor(private readonly options: QueryRoomOptions) {
    this.#budget = new MemoryBudget(options.limits.memoryBytes);
  }

  /** What queries hold now. */
  get usedBytes(): number {
    return this.#budget.usedBytes;
  }

  /** Runs `work` in a room of its own, which is given back on every path. */
  async use<T>(
    context: QueryContext,
    stats: QueryStats,
    work: (room: QueryRoom) => Promise<T>,
  ): Promise<T> {
    const { room, close } = this.open(context, stats);
    try {
      return await work(room);
    } finally {
      await close();
    }
  }

  /** A room that is there until it is closed, once. The context can lower what there is of it. */
  open({ maxQueryBytes, maxOnDiskStorage }: QueryContext, stats: QueryStats): OpenRoom {
    const { limits, spillSpace, leastSpillBytes = LEAST_SPILL_BYTES } = this.options;
    const memory = this.#budget.open(Math.min(maxQueryBytes ?? Infinity, limits.maxQueryBytes));
    const spillBytes = Math.min(maxOnDiskStorage ?? Infinity, limits.maxSpillBytes);
    const spill = spillBytes === 0 ? null : (spillSpace?.open(spillBytes) ?? null);
    const close = async (): Promise<void> => {
      memory.close();
      if (spill !== null) await this.#close(spill, stats);
    };
    return { room: { memory, spill, leastSpillBytes }, close };
  }

  /** An answer is not worse for files that stay until the next start. */
  async #close(spill: QuerySpill, stats: QueryStats): Promise<void> {
    try {
      await spill.close();
    } catch (err) {
      this.options.logger.warn({ err }, 'files of groups are left over');
    }
    stats.spilledBytes += spill.bytes;
    stats.spilledFiles += spill.fileCount;
  }
}
