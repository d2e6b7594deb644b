import { ArenaPool, type Disk, type Random, ResourceLimitError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import {
  type DimensionSchema,
  MutableSegment,
  type OpenSegment,
  openSegment,
  type Segment,
  type SegmentSchema,
  sealSegments,
} from '../../segments/index.js';
import type { InputBatch } from '../input/batch.js';
import type { ChunkSegment } from '../publisher.js';
import type { BatchCursor } from '../rows/batch-cursor.js';
import { overInputs } from '../rows/metric-input.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { randomHex } from './file-names.js';

const DEFAULT_MEMORY_BYTES = 512 * 2 ** 20;
const ARENA_BYTES = 16 * 2 ** 20;

/** A mutable segment takes room for thousands of rows at once: a chunk with fewer waits for more. */
const WORTH_A_SEGMENT = 4096;

/** What a byte of input takes on the JavaScript heap while its batch is held, about. */
const HEAP_PER_INPUT_BYTE = 4;

/** The part of the budget that is used before rows go to disk: the rest is for the batch at hand. */
const FULL = 0.75;

/** What one time chunk has collected. */
interface Chunk {
  readonly interval: Interval;
  /** Rows that wait until they are worth a mutable segment, in order. */
  waiting: RowRun[];
  waitingRows: number;
  /** Rows in memory; null when there are none. */
  open: MutableSegment | null;
  /** Rows on disk. */
  readonly pieces: Piece[];
  /** How many dimensions `open` has. */
  dimensionCount: number;
}

/** Rows of one batch that lie in one chunk. */
interface RowRun {
  readonly rows: BatchCursor;
  readonly selection: Uint32Array;
}

interface Piece {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface SegmentBuilderOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** Where pieces go until they are merged. */
  readonly temporaryDir: string;
  /** Where the segments go. */
  readonly directory: string;
  readonly memoryBytes?: number;
}

/**
 * Collects rows by time chunk and makes segment files of them.
 *
 *     rows ─► waiting rows ─► mutable segment ─┬─► segment files      (each per chunk)
 *                                │ memory full │
 *                                ▼             │
 *                              pieces ─────────┘
 *
 * Pieces of one chunk are merged together as far as memory holds them at once. Where it does not,
 * rollup is best-effort: equal rows may stay apart in different segments.
 */
export class SegmentBuilder {
  readonly #pool: ArenaPool;
  readonly #memoryBytes: number;
  /** Of the names of its files, and of no other's. */
  readonly #prefix: string;
  readonly #chunks: Chunk[] = [];
  readonly #segments: ChunkSegment[] = [];
  #rowsInMemory = 0;
  #waitingRows = 0;
  /** Of the batches that waiting rows keep in memory; too high rather than too low. */
  #heldRows = 0;
  #heldBytes = 0;
  #pieceCount = 0;

  constructor(
    private readonly spec: TaskSpec,
    private readonly options: SegmentBuilderOptions,
  ) {
    const { memoryBytes = DEFAULT_MEMORY_BYTES } = options;
    this.#memoryBytes = memoryBytes;
    this.#prefix = randomHex(options.random);
    this.#pool = new ArenaPool({
      arenaBytes: Math.min(ARENA_BYTES, memoryBytes),
      maxBytes: memoryBytes,
    });
  }

  /** Adds the selected rows, which lie in the chunk of this ordinal. */
  add(
    ordinal: number,
    interval: Interval,
    run: RowRun,
    dimensions: readonly DimensionSchema[],
  ): void {
    const chunk = this.#chunks[ordinal] ?? newChunk(interval);
    this.#chunks[ordinal] = chunk;
    chunk.waiting.push(run);
    chunk.waitingRows += run.selection.length;
    this.#waitingRows += run.selection.length;
    const worth = Math.min(WORTH_A_SEGMENT, this.spec.tuning.maxRowsInMemory / 4);
    if (chunk.waitingRows >= worth) this.#admit(chunk, dimensions);
  }

  /** Call when all rows of a batch were added: keeps what is in memory within bounds. */
  endBatch(batch: InputBatch, dimensions: readonly DimensionSchema[]): void {
    const { maxRowsInMemory } = this.spec.tuning;
    if (this.#waitingRows === 0) this.#forgetBatches();
    else {
      this.#heldRows += batch.rowCount;
      this.#heldBytes += batch.bytes;
    }
    const rows = this.#rowsInMemory + this.#waitingRows;
    if (rows > maxRowsInMemory || this.#sizeBytes() > FULL * this.#memoryBytes) {
      this.#spill(dimensions);
    } else if (
      this.#heldRows > maxRowsInMemory ||
      HEAP_PER_INPUT_BYTE * this.#heldBytes > this.#memoryBytes / 2
    ) {
      for (const chunk of this.#chunks) this.#admit(chunk, dimensions);
      this.#forgetBatches();
    }
  }

  /**
   * Makes the segment files, `pause()`ing before each step; the builder is empty then. When it
   * throws, call `discard`.
   */
  async finish(
    dimensions: readonly DimensionSchema[],
    pause: () => Promise<void>,
  ): Promise<readonly ChunkSegment[]> {
    // Rows in memory would take the room that the pieces need.
    if (this.#pieceCount > 0) this.#spill(dimensions);
    for (const chunk of this.#chunks) {
      await pause();
      this.#admit(chunk, dimensions);
      if (chunk.pieces.length > 0) this.#storeOpen(chunk, dimensions);
      if (chunk.open !== null) this.#seal(chunk, [chunk.open.snapshot()], dimensions);
      this.#drop(chunk);
      for (const group of groupsWithin(chunk.pieces, FULL * this.#memoryBytes)) {
        await pause();
        this.#sealPieces(chunk, group, dimensions);
      }
    }
    return this.#segments;
  }

  /** Removes all files of this builder, also those that a failure left unfinished. */
  discard(): void {
    const { disk, directory } = this.options;
    for (const name of disk.list(directory)) {
      if (name.startsWith(this.#prefix)) disk.remove(`${directory}/${name}`);
    }
  }

  /** Moves the waiting rows of a chunk into its mutable segment. */
  #admit(chunk: Chunk, dimensions: readonly DimensionSchema[]): void {
    for (const run of chunk.waiting) {
      try {
        this.#append(chunk, run, dimensions);
      } catch (error) {
        if (!(error instanceof ResourceLimitError) || this.#rowsInMemory === 0) throw error;
        // The append added nothing: make room and add the rows again.
        for (const each of this.#chunks) this.#storeOpen(each, dimensions);
        this.#append(chunk, run, dimensions);
      }
    }
    this.#waitingRows -= chunk.waitingRows;
    chunk.waiting = [];
    chunk.waitingRows = 0;
  }

  #append(chunk: Chunk, { rows, selection }: RowRun, dimensions: readonly DimensionSchema[]): void {
    if (chunk.open === null) {
      const schema = this.#schema(chunk.interval, dimensions);
      const metrics = schema.metrics.map(overInputs);
      chunk.open = new MutableSegment({ ...schema, metrics }, this.#pool);
      chunk.dimensionCount = dimensions.length;
    }
    while (chunk.dimensionCount < dimensions.length) {
      chunk.open.addDimension(dimensions[chunk.dimensionCount]!);
      chunk.dimensionCount++;
    }
    this.#rowsInMemory += chunk.open.append(rows, selection);
  }

  #schema(interval: Interval, dimensions: readonly DimensionSchema[]): SegmentSchema {
    const { dataSource, metrics, granularity } = this.spec;
    const { rollup, queryGranularity } = granularity;
    return {
      dataSource,
      dimensions,
      metrics,
      rollup,
      queryGranularity,
      minTimeMs: interval.startMs,
    };
  }

  #sizeBytes(): number {
    return this.#chunks.reduce((sum, { open }) => sum + (open?.sizeBytes ?? 0), 0);
  }

  /** Makes pieces of everything, one chunk's waiting rows at a time. */
  #spill(dimensions: readonly DimensionSchema[]): void {
    for (const chunk of this.#chunks) this.#storeOpen(chunk, dimensions);
    for (const chunk of this.#chunks) {
      this.#admit(chunk, dimensions);
      this.#storeOpen(chunk, dimensions);
    }
    this.#forgetBatches();
  }

  #forgetBatches(): void {
    this.#heldRows = 0;
    this.#heldBytes = 0;
  }

  /** Makes a piece of a chunk's mutable segment, if it has one. */
  #storeOpen(chunk: Chunk, dimensions: readonly DimensionSchema[]): void {
    if (chunk.open === null) return;
    const { disk, temporaryDir } = this.options;
    const sealed = sealSegments(
      disk,
      temporaryDir,
      () => `${this.#pieceCount++}.piece`,
      [chunk.open.snapshot()],
      this.#schema(chunk.interval, dimensions),
      { maxRowsPerSegment: Number.MAX_SAFE_INTEGER },
    );
    chunk.pieces.push(...sealed);
    this.#drop(chunk);
  }

  #drop(chunk: Chunk): void {
    if (chunk.open === null) return;
    this.#rowsInMemory -= chunk.open.rowCount;
    chunk.open.close();
    chunk.open = null;
  }

  #sealPieces(
    chunk: Chunk,
    pieces: readonly Piece[],
    dimensions: readonly DimensionSchema[],
  ): void {
    const { disk } = this.options;
    const opened: OpenSegment[] = [];
    try {
      for (const { path } of pieces) opened.push(openSegment(disk, path, this.#pool));
      this.#seal(chunk, opened, dimensions);
    } finally {
      for (const segment of opened) segment.close();
    }
    for (const { path } of pieces) disk.remove(path);
  }

  #seal(
    { interval }: Chunk,
    inputs: readonly Segment[],
    dimensions: readonly DimensionSchema[],
  ): void {
    const { disk, directory } = this.options;
    const first = this.#segments.length;
    const sealed = sealSegments(
      disk,
      directory,
      (partition) => `${this.#prefix}-${first + partition}.varve`,
      inputs,
      this.#schema(interval, dimensions),
      { maxRowsPerSegment: this.spec.tuning.maxRowsPerSegment },
    );
    for (const each of sealed) this.#segments.push({ interval, sealed: each });
  }
}

const newChunk = (interval: Interval): Chunk => ({
  interval,
  waiting: [],
  waitingRows: 0,
  open: null,
  pieces: [],
  dimensionCount: 0,
});

/** Runs of pieces of at most `maxBytes` together, or of a single piece. */
function groupsWithin(pieces: readonly Piece[], maxBytes: number): Piece[][] {
  const groups: Piece[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    bytes += piece.sizeBytes;
    if (bytes > maxBytes) {
      groups.push([]);
      bytes = piece.sizeBytes;
    }
    groups.at(-1)!.push(piece);
  }
  return groups;
}
