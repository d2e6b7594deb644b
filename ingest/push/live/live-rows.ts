import { type ArenaPool, invariant } from '../../../core/index.js';
import type { RowCursor } from '../../../model/index.js';
import {
  type DimensionSchema,
  MutableSegment,
  type MutableSnapshot,
  type SealedSegment,
  type SegmentSchema,
} from '../../../segments/index.js';
import { seenDimensions, takesDimensions } from '../../rows/segment-dimensions.js';
import type { LivePart } from '../types.js';
import type { SealInput } from './seal-job.js';

/** Rows as they are appended: those of a batch that count, in the dimensions known by now. */
export interface AppendedRows {
  readonly cursor: RowCursor;
  readonly kept: Uint32Array;
  readonly dimensions: readonly DimensionSchema[];
}

/** The schema of segments with these dimensions. */
export type SchemaMaker = (dimensions: readonly DimensionSchema[]) => SegmentSchema;

/** What all live rows of a node share. */
export interface LiveStore {
  readonly pool: ArenaPool;
  /** A number for a part, never given twice. */
  nextId(): number;
  /** Frees what a part took, once no query reads it any more. */
  retire(id: number, free: () => void): void;
  /** A part has a newer layout; those before it are freed once no query reads them any more. */
  outgrown(id: number, segment: MutableSegment): void;
}

/** A mutable segment that still grows. */
interface OpenRows {
  readonly id: number;
  readonly segment: MutableSegment;
  /** Null when it has grown since the last one. */
  snapshot: MutableSnapshot | null;
}

/** A mutable segment that is written no more, or the sorted piece that has taken its place. */
export interface SettledRows {
  readonly id: number;
  readonly part: LivePart;
  readonly input: SealInput;
  readonly sizeBytes: number;
  free(): void;
}

/** Rows of one data source out of one generation, oldest first: settled ones, then those that grow. */
export class LiveRows {
  readonly #settled: SettledRows[] = [];
  #open: OpenRows | null = null;
  #dimensions: readonly DimensionSchema[] = [];

  constructor(
    readonly dataSource: string,
    private readonly store: LiveStore,
    private readonly schemaOf: SchemaMaker,
  ) {}

  get isEmpty(): boolean {
    return this.#settled.length === 0 && this.#open === null;
  }

  get rowCount(): number {
    const settled = this.#settled.reduce((sum, { part }) => sum + part.rowCount, 0);
    return settled + (this.#open?.segment.rowCount ?? 0);
  }

  /** What its mutable segments take. */
  get sizeBytes(): number {
    const settled = this.#settled.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return settled + (this.#open?.segment.sizeBytes ?? 0);
  }

  /** Every dimension that rows have come with. */
  get dimensions(): readonly DimensionSchema[] {
    return this.#dimensions;
  }

  append({ cursor, kept, dimensions }: AppendedRows): void {
    if (kept.length === 0) return;
    const open = this.#openFor(dimensions);
    open.segment.append(cursor, kept);
    open.snapshot = null;
    if (open.segment.isFull) this.freeze();
  }

  /** What has grown so far grows no more. */
  freeze(): void {
    const open = this.#open;
    if (open === null) return;
    const { id, segment } = open;
    const { handle } = this.#snapshotOf(open);
    this.#settled.push({
      id,
      part: this.#partOf(open),
      input: { kind: 'mutable', handle },
      sizeBytes: segment.sizeBytes,
      free: () => segment.close(),
    });
    this.#open = null;
  }

  /** The first mutable segment that waits to become a piece. */
  get nextFrozen(): SettledRows | undefined {
    return this.#settled.find(({ input }) => input.kind === 'mutable');
  }

  /** Puts a piece, of the same rows, where a frozen segment was. `remove` deletes its file. */
  replace(frozen: SettledRows, sealed: SealedSegment, remove: () => void): void {
    const at = this.#settled.indexOf(frozen);
    invariant(at >= 0, 'a piece replaces rows that are there');
    const id = this.store.nextId();
    this.#settled[at] = {
      id,
      part: this.#part(id, 0, sealed, { kind: 'piece', sealed }),
      input: { kind: 'piece', path: sealed.path },
      sizeBytes: 0,
      free: remove,
    };
    this.store.retire(frozen.id, frozen.free);
  }

  /** What queries see. */
  parts(): LivePart[] {
    const parts = this.#settled.map(({ part }) => part);
    if (this.#open !== null) parts.push(this.#partOf(this.#open));
    return parts;
  }

  /** All rows, of a generation that grows no more. */
  inputs(): readonly SealInput[] {
    invariant(this.#open === null, 'rows are frozen before they are sealed');
    return this.#settled.map(({ input }) => input);
  }

  /** Nothing of it is announced any more. */
  retire(): void {
    this.freeze();
    for (const { id, free } of this.#settled.splice(0)) this.store.retire(id, free);
  }

  #openFor(dimensions: readonly DimensionSchema[]): OpenRows {
    const isKnown = dimensions === this.#dimensions;
    if (this.#open !== null && !isKnown && !takesDimensions(this.#open.segment, dimensions)) {
      this.freeze();
    }
    if (this.#open === null) {
      const schema = this.schemaOf(seenDimensions(dimensions));
      const segment = new MutableSegment(schema, this.store.pool);
      this.#open = { id: this.store.nextId(), segment, snapshot: null };
    }
    this.#dimensions = dimensions;
    return this.#open;
  }

  #snapshotOf(open: OpenRows): MutableSnapshot {
    if (open.snapshot === null) {
      open.snapshot = open.segment.snapshot();
      this.store.outgrown(open.id, open.segment);
    }
    return open.snapshot;
  }

  #partOf(open: OpenRows): LivePart {
    const { handle } = this.#snapshotOf(open);
    return this.#part(open.id, handle.layout, handle, { kind: 'mutable', handle });
  }

  #part(id: number, layout: number, rows: Bounds, source: LivePart['source']): LivePart {
    const { dataSource } = this;
    return { ...boundsOf(rows), id, layout, dataSource, source };
  }
}

/** Of rows that may be none. */
interface Bounds {
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
}

/** Rows and times of what has rows. */
function boundsOf(rows: Bounds): Pick<LivePart, 'rowCount' | 'minTimeMs' | 'maxTimeMs'> {
  const { rowCount, minTimeMs, maxTimeMs } = rows;
  invariant(minTimeMs !== null && maxTimeMs !== null, 'live rows have times');
  return { rowCount, minTimeMs, maxTimeMs };
}
