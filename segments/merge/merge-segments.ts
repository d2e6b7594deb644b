import { ArenaPool, type Disk } from '../../core/index.js';
import { type DimensionSchema, type SegmentSchema, timeTruncation } from '../schema.js';
import { outputDimensions } from '../seal/output-dimensions.js';
import type { SealOptions } from '../seal/seal-segments.js';
import { type SealedSegment, writeSegment } from '../seal/write-segment.js';
import { MergeFile } from './merge-file.js';
import type { MergePlan, PlanPiece } from './merge-plan.js';
import { type MergedOrder, mergeRows } from './merge-rows.js';
import { MergeSpace } from './merge-space.js';
import { PieceColumns } from './piece-columns.js';
import { type RankedColumn, rankColumn } from './ranked-column.js';
import { WindowRoom } from './window-room.js';

export interface MergeOptions extends SealOptions {
  /** What the merge may take of memory, about; see `mergeSegments`. */
  readonly memoryBytes: number;
  /** A directory of its own, which is gone afterwards. */
  readonly temporaryDir: string;
}

/**
 * As `sealSegments` of files that can be merged (see `isMergeable`), with the same files as result, whatever the size of the
 * inputs: all of one chunk.
 *
 *     dictionaries ─► merged, entry by entry ─► ranks of rows ─┐
 *     times ───────────────────────────────────────────────────┴► plan: whose row comes next ─► column after column
 *
 * A vertical merge: keys are merged first, by windows of rows, and what came of it is written down; then every column is put
 * together by it, block by block.
 *
 * Memory    `memoryBytes`: a quarter for keys, a quarter for what is read, a quarter for ranks by dictionary id, the rest
 *           for buffers; or, while a column is written, half for it: files have fewer rows where that is not enough.
 *           Beyond it are: texts and lists of multi-value and array columns, which are values while they are merged, and
 *           what the builders of indexes take.
 * Disk      two bytes per input row, the merged dictionaries, and where ranks by dictionary id do not fit into memory those
 *           of all rows, in files that are not synced.
 * Errors    on any, no file is left. CorruptSegmentError for a damaged input.
 */
export function mergeSegments(
  disk: Disk,
  directory: string,
  name: (partition: number) => string,
  paths: readonly string[],
  schema: SegmentSchema,
  options: MergeOptions,
): SealedSegment[] {
  const steps = mergeSteps(disk, directory, name, paths, schema, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps of some seconds at most, for those who do other things in between; to give up, `return()` it. */
export function* mergeSteps(
  disk: Disk,
  directory: string,
  name: (partition: number) => string,
  paths: readonly string[],
  schema: SegmentSchema,
  options: MergeOptions,
): Generator<undefined, SealedSegment[]> {
  const { memoryBytes, temporaryDir } = options;
  const space = new MergeSpace(disk, temporaryDir, memoryBytes);
  const files: MergeFile[] = [];
  try {
    files.push(...MergeFile.openAll(disk, paths));
    if (files.length === 0) return [];
    disk.makeDirectory(directory);
    const path = (partition: number) => `${directory}/${name(partition)}`;
    return yield* new Merge(disk, files, schema, options, space).write(path);
  } finally {
    for (const file of files) file.close();
    space.discard();
  }
}

class Merge {
  readonly #room: WindowRoom;
  readonly #dimensions: readonly DimensionSchema[];
  readonly #ranked = new Map<string, RankedColumn | null>();

  constructor(
    private readonly disk: Disk,
    private readonly files: readonly MergeFile[],
    private readonly schema: SegmentSchema,
    private readonly options: MergeOptions,
    private readonly space: MergeSpace,
  ) {
    const { windowBytes } = space;
    const room = new WindowRoom(
      new ArenaPool({ arenaBytes: windowBytes, maxBytes: 2 * windowBytes }),
      windowBytes,
    );
    this.#room = room;
    this.#dimensions = outputDimensions(
      files.map(({ directory }) => directory),
      schema,
    );
  }

  /** Writes the files; on any error, or when it is given up, none of them is left. */
  *write(path: (partition: number) => string): Generator<undefined, SealedSegment[]> {
    const { disk, schema, options } = this;
    const { durable = true, onProgress } = options;
    const rowsTotal = this.files.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const sealed: SealedSegment[] = [];
    let rowsDone = 0;
    let isDone = false;
    try {
      for (const dimension of this.#dimensions) {
        const ranked = rankColumn(this.files, dimension, this.space, this.#room);
        this.#ranked.set(dimension.name, ranked);
        yield;
      }
      const { plan, pieces } = yield* this.#order();
      for (const piece of pieces) {
        const to = path(sealed.length);
        const columns = this.#columns(plan, piece);
        sealed.push(writeSegment(disk, to, durable, schema, this.#dimensions, columns));
        rowsDone += piece.entryCount;
        onProgress?.(rowsDone, rowsTotal);
        yield;
      }
      this.space.close();
      isDone = true;
      return sealed;
    } finally {
      if (!isDone) for (const each of sealed) disk.remove(each.path);
    }
  }

  #order(): Generator<undefined, MergedOrder> {
    const { files, schema, options, space } = this;
    const order = {
      dimensions: this.#dimensions.map((dimension) => ({
        dimension,
        ranked: this.#rankedOf(dimension),
      })),
      truncate: timeTruncation(schema),
      combine: schema.rollup,
      maxRows: Math.min(options.maxRowsPerSegment, space.maxRows),
    };
    return mergeRows(files, order, space, this.#room);
  }

  #columns(plan: MergePlan, piece: PlanPiece): PieceColumns {
    const { files, schema, space } = this;
    const truncate = timeTruncation(schema);
    const rankedOf = (dimension: DimensionSchema) => this.#rankedOf(dimension);
    const { blockRows } = space;
    return new PieceColumns(
      { files, plan, truncate, rankedOf, blockRows, room: this.#room },
      piece,
    );
  }

  #rankedOf({ name }: DimensionSchema): RankedColumn | null {
    return this.#ranked.get(name) ?? null;
  }
}
