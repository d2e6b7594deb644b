import type { ArenaPool, Disk } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import {
  type Buckets,
  type ChunkSpan,
  type DimensionSchema,
  decideBuckets,
  isMergeable,
  mergeSteps,
  type OpenSegment,
  openSegment,
  outputDimensions,
  type Partitioning,
  readSegmentDirectory,
  type SealedSegment,
  type SegmentDirectory,
  type SegmentSchema,
  type ShardBucket,
  sealChunks,
  sealSegments,
  shardBuckets,
} from '../../segments/index.js';
import type { ChunkSegment } from '../publisher.js';
import type { PartitionsSpec } from '../spec/partitions-spec.js';

/** A file of some rows of one chunk, sorted. */
export interface Piece {
  readonly path: string;
  readonly sizeBytes: number;
  /** It is a segment of a table, and stays; others are removed once they are merged. */
  readonly isShared?: boolean;
}

export interface ChunkSealerOptions {
  readonly disk: Disk;
  /** Where the segments go. */
  readonly directory: string;
  readonly temporaryDir: string;
  /** Of the next segment file. */
  readonly name: () => string;
  /** Empty; it holds files of `memoryBytes` at once. */
  readonly pool: ArenaPool;
  readonly memoryBytes: number;
  readonly schema: SegmentSchema & { readonly chunkOf: (timeMs: number) => ChunkSpan };
  readonly tuning: PartitionsSpec;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The schema's dimensions, with the types that the values of all files fit; they are what they are then. */
export const fixedDimensions = (
  directories: readonly SegmentDirectory[],
  schema: SegmentSchema,
): DimensionSchema[] =>
  outputDimensions(directories, schema)
    .slice(0, schema.dimensions.length)
    .map(({ auto: _, ...fixed }) => fixed);

/**
 * Makes segments of the pieces of a chunk, each row of which is combined with all others that are equal, however large they
 * are together.
 *
 *     small                      opened and sealed together
 *     large                      merged as a stream, of one type a column
 *     large and partitioned      each piece is cut into buckets first; then every bucket is one of the above
 */
export class ChunkSealer {
  #splits = 0;

  constructor(private readonly options: ChunkSealerOptions) {}

  /** In steps; the pieces are removed on the way. */
  *seal(
    interval: Interval,
    given: readonly Piece[],
  ): Generator<undefined, readonly ChunkSegment[]> {
    const pieces = this.#isSmall(given) ? given : yield* this.#alike(given);
    const { maxRowsPerSegment, partitioning } = this.options.tuning;
    if (partitioning !== null && !this.#isSmall(pieces)) {
      return yield* this.#sealBuckets(interval, pieces, partitioning);
    }
    if (partitioning === null) {
      const sealed = yield* this.#merge(pieces, maxRowsPerSegment);
      return sealed.map((each) => ({ interval, sealed: each }));
    }
    return this.#opened(pieces, (opened) => {
      const { disk, directory, name, schema } = this.options;
      return sealChunks(disk, directory, name, opened, schema, { maxRowsPerSegment, partitioning });
    });
  }

  /** Only pieces of the same types are merged as a stream: those whose `auto` dimensions are narrower than others' are written again. */
  *#alike(pieces: readonly Piece[]): Generator<undefined, readonly Piece[]> {
    const { disk, schema } = this.options;
    const directories = pieces.map(({ path }) => readSegmentDirectory(disk, path));
    const fixed = { ...schema, dimensions: fixedDimensions(directories, schema) };
    const alike: Piece[] = [];
    for (const [i, piece] of pieces.entries()) {
      if (isMergeable([directories[i]!], fixed)) alike.push(piece);
      else alike.push(...this.#sealedAs(fixed, piece));
      yield;
    }
    return alike;
  }

  /** The rows of a piece by another schema. */
  #sealedAs(schema: ChunkSealerOptions['schema'], piece: Piece): readonly Piece[] {
    const { disk, temporaryDir } = this.options;
    const name = () => `${this.#splits++}.part`;
    const options = { maxRowsPerSegment: NO_LIMIT, durable: false };
    const chunks = this.#opened([piece], (opened) =>
      sealChunks(disk, temporaryDir, name, opened, schema, options),
    );
    return chunks.map(({ sealed }) => sealed);
  }

  *#sealBuckets(
    interval: Interval,
    pieces: readonly Piece[],
    partitioning: Partitioning,
  ): Generator<undefined, ChunkSegment[]> {
    const { disk, memoryBytes, temporaryDir } = this.options;
    const paths = pieces.map(({ path }) => path);
    const buckets = decideBuckets(disk, paths, partitioning, {
      memoryBytes,
      temporaryDir: `${temporaryDir}/tuples`,
    });
    yield;
    const parts = yield* this.#split(pieces, buckets);
    const segments: ChunkSegment[] = [];
    for (const bucket of shardBuckets(buckets)) {
      const inside = parts.get(JSON.stringify(bucket)) ?? [];
      for (const sealed of yield* this.#merge(inside, NO_LIMIT)) {
        segments.push({ interval, bucket, sealed });
      }
    }
    return segments;
  }

  /** The rows of every piece by bucket, which has its JSON as key. */
  *#split(
    pieces: readonly Piece[],
    partitioning: Buckets,
  ): Generator<undefined, ReadonlyMap<string, readonly Piece[]>> {
    const { disk, temporaryDir, schema } = this.options;
    const parts = new Map<string, Piece[]>();
    const name = () => `${this.#splits++}.part`;
    const options = { maxRowsPerSegment: NO_LIMIT, partitioning, durable: false };
    for (const piece of pieces) {
      const chunks = this.#opened([piece], (opened) =>
        sealChunks(disk, temporaryDir, name, opened, schema, options),
      );
      for (const { bucket, sealed } of chunks) append(parts, bucket!, sealed);
      yield;
    }
    return parts;
  }

  *#merge(
    pieces: readonly Piece[],
    maxRowsPerSegment: number,
  ): Generator<undefined, readonly SealedSegment[]> {
    const { disk, directory, name, schema, memoryBytes, temporaryDir } = this.options;
    if (this.#isSmall(pieces)) {
      return this.#opened(pieces, (opened) =>
        sealSegments(disk, directory, name, opened, schema, { maxRowsPerSegment }),
      );
    }
    const paths = pieces.map(({ path }) => path);
    const sealed = yield* mergeSteps(disk, directory, name, paths, schema, {
      maxRowsPerSegment,
      memoryBytes,
      temporaryDir: `${temporaryDir}/merge`,
    });
    this.#remove(pieces);
    return sealed;
  }

  #isSmall(pieces: readonly Piece[]): boolean {
    return pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= this.options.memoryBytes;
  }

  /** Opens pieces for a while, and removes them. */
  #opened<T>(pieces: readonly Piece[], use: (opened: readonly OpenSegment[]) => T): T {
    const { disk, pool } = this.options;
    const opened: OpenSegment[] = [];
    try {
      for (const { path } of pieces) opened.push(openSegment(disk, path, pool));
      return use(opened);
    } finally {
      for (const segment of opened) segment.close();
      this.#remove(pieces);
    }
  }

  #remove(pieces: readonly Piece[]): void {
    for (const { path, isShared } of pieces) if (!isShared) this.options.disk.remove(path);
  }
}

function append(parts: Map<string, Piece[]>, bucket: ShardBucket, piece: Piece): void {
  const key = JSON.stringify(bucket);
  const inside = parts.get(key);
  if (inside === undefined) parts.set(key, [piece]);
  else inside.push(piece);
}
