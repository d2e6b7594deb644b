import { ArenaPool, type Disk } from '../../core/index.js';
import { describeColumn } from '../format/stats.js';
import { type DimensionSchema, type SegmentSchema, timeTruncation } from '../schema.js';
import type { SealOptions } from '../seal/seal-segments.js';
import { outputDimensions, type SealedSegment, writeSegment } from '../seal/write-segment.js';
import { MergeFile } from './merge-file.js';
import { mergeRows } from './merge-rows.js';
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
  const { memoryBytes, temporaryDir } = options;
  const space = new MergeSpace(disk, temporaryDir, memoryBytes);
  const files: MergeFile[] = [];
  try {
    files.push(...MergeFile.openAll(disk, paths));
    if (files.length === 0) return [];
    disk.makeDirectory(directory);
    const path = (partition: number) => `${directory}/${name(partition)}`;
    return new Merge(disk, files, schema, options, space).write(path);
  } finally {
    for (const file of files) file.close();
    space.discard();
  }
}

class Merge {
  readonly #room: WindowRoom;
  readonly #dimensions: readonly DimensionSchema[];
  readonly #ranked: ReadonlyMap<string, RankedColumn | null>;

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
    const described = files.map(({ directory }) => ({
      columns: directory.columns.map(describeColumn),
    }));
    this.#room = room;
    this.#dimensions = outputDimensions(described, schema);
    this.#ranked = new Map(
      this.#dimensions.map((each) => [each.name, rankColumn(files, each, space, room)]),
    );
  }

  /** Writes the files; on any error none of them is left. */
  write(path: (partition: number) => string): SealedSegment[] {
    const { disk, schema, options } = this;
    const { durable = true, onProgress } = options;
    const rowsTotal = this.files.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const sealed: SealedSegment[] = [];
    let rowsDone = 0;
    try {
      for (const { columns, entryCount } of this.#outputs()) {
        const to = path(sealed.length);
        sealed.push(writeSegment(disk, to, durable, schema, this.#dimensions, columns));
        rowsDone += entryCount;
        onProgress?.(rowsDone, rowsTotal);
      }
      this.space.close();
      return sealed;
    } catch (error) {
      for (const each of sealed) disk.remove(each.path);
      throw error;
    }
  }

  *#outputs(): Generator<{ readonly columns: PieceColumns; readonly entryCount: number }> {
    const { files, schema, options, space } = this;
    const rankedOf = ({ name }: DimensionSchema) => this.#ranked.get(name) ?? null;
    const truncate = timeTruncation(schema);
    const order = {
      dimensions: this.#dimensions.map((dimension) => ({
        dimension,
        ranked: rankedOf(dimension),
      })),
      truncate,
      combine: schema.rollup,
      maxRows: Math.min(options.maxRowsPerSegment, space.maxRows),
    };
    const room = this.#room;
    const { plan, pieces } = mergeRows(files, order, space, room);
    const facts = { files, plan, truncate, rankedOf, blockRows: space.blockRows, room };
    for (const piece of pieces) {
      yield { columns: new PieceColumns(facts, piece), entryCount: piece.entryCount };
    }
  }
}
