import { CorruptSegmentError, InternalError } from '../../core/index.js';
import { type ColumnReader, NULL_READER } from '../../model/index.js';
import { ColumnCursor } from '../column-cursor.js';
import type { AttachedColumn } from '../encodings/encoding.js';
import { LoadedColumn } from '../encodings/loaded-column.js';
import { encodingNamed } from '../encodings/registry.js';
import type { ColumnEntry } from '../format/directory.js';
import { describeColumn } from '../format/stats.js';
import type {
  ColumnDescription,
  ScanColumn,
  ScanMemory,
  Segment,
  SegmentCursor,
} from '../types.js';
import type { ImmutableSegmentHandle } from './handle.js';

/** Makes a loaded segment file readable: views over its memory, made column by column when asked for. */
export function attachImmutable(handle: ImmutableSegmentHandle): Segment {
  return new ImmutableSegment(handle);
}

class ImmutableSegment implements Segment {
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime = true;
  readonly isTransient = false;
  readonly columns: readonly ColumnDescription[];
  readonly aggregators: Readonly<Record<string, unknown>>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  readonly scanMemory: ScanMemory | null;
  readonly #entries: ReadonlyMap<string, ColumnEntry>;
  readonly #attached = new Map<string, AttachedColumn>();

  constructor(private readonly handle: ImmutableSegmentHandle) {
    const { directory, memory, scratch } = handle;
    this.scanMemory = scratch === null ? null : { memory, scratch };
    this.rowCount = directory.rowCount;
    this.minTimeMs = directory.minTimeMs;
    this.maxTimeMs = directory.maxTimeMs;
    this.columns = directory.columns.map(describeColumn);
    this.rollup = directory.rollup;
    this.queryGranularity = directory.queryGranularity;
    this.#entries = new Map(directory.columns.map((entry) => [entry.name, entry]));
    const aggregators: Record<string, unknown> = Object.create(null);
    for (const { name, aggregator } of directory.columns) {
      if (aggregator !== null) aggregators[name] = aggregator;
    }
    this.aggregators = aggregators;
  }

  cursor(): SegmentCursor {
    return new ColumnCursor(this.rowCount, (name, position) => this.#reader(name, position));
  }

  scanColumn(name: string): ScanColumn | null {
    return this.#column(name)?.scan ?? null;
  }

  #reader(name: string, position: { row: number }): ColumnReader {
    return this.#column(name)?.reader(position) ?? NULL_READER;
  }

  #column(name: string): AttachedColumn | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    let column = this.#attached.get(name);
    if (column === undefined) {
      column = this.#attach(entry);
      this.#attached.set(name, column);
    }
    return column;
  }

  #attach(entry: ColumnEntry): AttachedColumn {
    const { path, memory, base, directory, loaded } = this.handle;
    if (!loaded.includes(entry.name)) {
      throw new InternalError(`column ${entry.name} of ${path} is read but was not pinned`);
    }
    const encoding = encodingNamed(entry.encoding);
    if (encoding === undefined) {
      throw new CorruptSegmentError(path, 0, `encoding ${entry.encoding} is not known`, entry.name);
    }
    return encoding.attach(new LoadedColumn(entry, directory.rowCount, memory.buffer, base));
  }
}
