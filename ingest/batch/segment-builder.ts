import { ArenaPool, type Disk, type Random, ResourceLimitError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import {
  type ChunkSpan,
  type DimensionSchema,
  MutableSegment,
  type Segment,
  type SegmentSchema,
  sealChunks,
} from '../../segments/index.js';
import type { SegmentSlice } from '../input/sources/source.js';
import type { ChunkSegment } from '../publisher.js';
import type { BatchCursor } from '../rows/batch-cursor.js';
import { overInputs } from '../rows/metric-input.js';
import { seenDimensions, takesDimensions } from '../rows/segment-dimensions.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { ChunkSealer, type Piece } from './chunk-sealer.js';
import { randomHex } from './file-names.js';
import { type PartedSlices, partSlices, type SortedFile } from './sorted-files.js';

const DEFAULT_MEMORY_BYTES = 512 * 2 ** 20;
const ARENA_BYTES = 16 * 2 ** 20;

/** The part of the budget that is used before rows go to disk: the rest is for the batch at hand. */
const FULL = 0.75;

export interface SegmentBuilderOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The time chunk of a row. */
  readonly chunkOf: (timeMs: number) => ChunkSpan;
  /** Where pieces go until they are merged. */
  readonly temporaryDir: string;
  /** Where the segments go. */
  readonly directory: string;
  readonly memoryBytes?: number;
}

/**
 * Collects rows, of all time chunks together, and makes segment files of each chunk.
 *
 *     rows ─► mutable segment ─┬────────────────────────► segment files
 *                              │ memory full                   ▲
 *                              └─► pieces, by chunk ───────────┘ merged, see `ChunkSealer`
 */
export class SegmentBuilder {
  readonly #pool: ArenaPool;
  readonly #memoryBytes: number;
  /** Of the names of its files, and of no other's. */
  readonly #prefix: string;
  /** Rows in memory: the last of these grows, the others hold columns as what they are no more. */
  readonly #inMemory: MutableSegment[] = [];
  /** Rows on disk. */
  readonly #pieces = new Map<Interval, Piece[]>();
  #pieceCount = 0;
  readonly #segments: ChunkSegment[] = [];
  #segmentCount = 0;

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
      // Segments are sealed as they lie in memory only where there is room beside them.
      scratchBytes: 1,
    });
  }

  /** Adds the selected rows of a batch, in ascending order, of which nothing is kept, and keeps what is in memory within bounds. */
  add(rows: BatchCursor, selection: Uint32Array, dimensions: readonly DimensionSchema[]): void {
    if (selection.length === 0) return;
    try {
      this.#append(rows, selection, dimensions);
    } catch (error) {
      if (!(error instanceof ResourceLimitError) || this.#rowCount() === 0) throw error;
      // The append added nothing: make room and add the rows again.
      this.#spill(dimensions);
      this.#append(rows, selection, dimensions);
    }
    const sizeBytes = this.#inMemory.reduce((sum, segment) => sum + segment.sizeBytes, 0);
    const { maxRowsInMemory } = this.spec.tuning;
    if (this.#rowCount() > maxRowsInMemory || sizeBytes > FULL * this.#memoryBytes) {
      this.#spill(dimensions);
    }
  }

  /** Which files can be merged as they are. */
  parts(slices: readonly SegmentSlice[]): PartedSlices {
    const { dimensions, tuning } = this.spec;
    const schema = this.#schema(dimensions.listed);
    // Buckets are cut out of files that are in memory.
    const maxBytes = tuning.partitioning === null ? Number.MAX_SAFE_INTEGER : this.#memoryBytes / 2;
    return partSlices(this.options.disk, this.spec, slices, schema, maxBytes);
  }

  /** Adds the rows of a file that `parts` gave. */
  addFile({ chunk, piece }: SortedFile): void {
    this.#addPiece(chunk, piece);
  }

  /**
   * Makes the segment files, `pause()`ing before each step; the builder is empty then. When it
   * throws, call `discard`.
   */
  async finish(
    dimensions: readonly DimensionSchema[],
    pause: () => Promise<void>,
  ): Promise<readonly ChunkSegment[]> {
    await pause();
    if (this.#pieces.size === 0) {
      if (this.#inMemory.length > 0) this.#seal(this.#snapshots(), dimensions);
      this.#drop();
      return this.#segments;
    }
    // Rows in memory would take the room that the pieces need.
    this.#spill(dimensions);
    const sealer = this.#sealer(dimensions);
    for (const [interval, pieces] of this.#pieces) {
      this.#segments.push(...(await inSteps(sealer.seal(interval, pieces), pause)));
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

  #append(rows: BatchCursor, selection: Uint32Array, dimensions: readonly DimensionSchema[]): void {
    const open = this.#openFor(dimensions);
    // All of them, in order: what columns take over as it is.
    if (selection.length === rows.rowCount) open.append(rows);
    else open.append(rows, selection);
  }

  #openFor(dimensions: readonly DimensionSchema[]): MutableSegment {
    const last = this.#inMemory.at(-1);
    if (last !== undefined && takesDimensions(last, dimensions)) return last;
    const schema = this.#schema(seenDimensions(dimensions));
    const metrics = schema.metrics.map(overInputs);
    const segment = new MutableSegment({ ...schema, metrics }, this.#pool);
    this.#inMemory.push(segment);
    return segment;
  }

  #rowCount(): number {
    return this.#inMemory.reduce((sum, { rowCount }) => sum + rowCount, 0);
  }

  #snapshots(): Segment[] {
    return this.#inMemory.map((segment) => segment.snapshot());
  }

  #schema(dimensions: readonly DimensionSchema[]) {
    const { dataSource, metrics, granularity, starTrees } = this.spec;
    const { rollup, queryGranularity } = granularity;
    const { chunkOf } = this.options;
    return {
      dataSource,
      dimensions,
      metrics,
      rollup,
      queryGranularity,
      starTrees,
      chunkOf,
    } satisfies SegmentSchema;
  }

  /** Makes pieces of the rows in memory. They need not be durable: nobody reads those of a task that has ended. */
  #spill(dimensions: readonly DimensionSchema[]): void {
    if (this.#inMemory.length === 0) return;
    const { disk, temporaryDir } = this.options;
    const name = (): string => `${this.#pieceCount++}.piece`;
    const inputs = this.#snapshots();
    const schema = this.#schema(dimensions);
    const options = { maxRowsPerSegment: Number.MAX_SAFE_INTEGER, durable: false };
    for (const { interval, sealed } of sealChunks(
      disk,
      temporaryDir,
      name,
      inputs,
      schema,
      options,
    )) {
      this.#addPiece(interval, sealed);
    }
    this.#drop();
  }

  #addPiece(chunk: Interval, piece: Piece): void {
    const pieces = this.#pieces.get(chunk);
    if (pieces === undefined) this.#pieces.set(chunk, [piece]);
    else pieces.push(piece);
  }

  #drop(): void {
    for (const segment of this.#inMemory.splice(0)) segment.close();
  }

  #seal(inputs: readonly Segment[], dimensions: readonly DimensionSchema[]): void {
    const { disk, directory } = this.options;
    const { maxRowsPerSegment, partitioning } = this.spec.tuning;
    const options = { maxRowsPerSegment, ...(partitioning === null ? {} : { partitioning }) };
    const schema = this.#schema(dimensions);
    const name = () => this.#segmentName();
    this.#segments.push(...sealChunks(disk, directory, name, inputs, schema, options));
  }

  #sealer(dimensions: readonly DimensionSchema[]): ChunkSealer {
    const { disk, directory, temporaryDir } = this.options;
    return new ChunkSealer({
      disk,
      directory,
      temporaryDir,
      name: () => this.#segmentName(),
      pool: this.#pool,
      memoryBytes: FULL * this.#memoryBytes,
      schema: this.#schema(dimensions),
      tuning: this.spec.tuning,
    });
  }

  #segmentName(): string {
    return `${this.#prefix}-${this.#segmentCount++}.varve`;
  }
}

/** Does the work of a generator, pausing between its steps; what it throws, or the pause does, ends it. */
async function inSteps<T>(steps: Generator<undefined, T>, pause: () => Promise<void>): Promise<T> {
  try {
    for (;;) {
      await pause();
      const { done, value } = steps.next();
      if (done) return value;
    }
  } finally {
    steps.return(undefined as never);
  }
}
