import { CorruptSegmentError, InternalError } from '../core/index.js';
import { type ColumnIndex, indexKindNamed } from '../indexes/index.js';
import { type ColumnReader, JSON_TYPE, NULL_READER, type Value } from '../model/index.js';
import { ColumnCursor } from './column-cursor.js';
import type { AttachedColumn } from './encodings/encoding.js';
import { LoadedColumn } from './encodings/loaded-column.js';
import { encodingNamed } from './encodings/registry.js';
import type { ColumnEntry, IndexEntry } from './format/directory.js';
import { describeColumn } from './format/stats.js';
import { attachPath, NOTHING } from './json/attached-path.js';
import { type ColumnPlace, columnPlace } from './json/column-place.js';
import type {
  ColumnDescription,
  ScanColumn,
  ScanMemory,
  ScratchRange,
  Segment,
  SegmentCursor,
} from './types.js';

const UNKNOWN_VALUES = {
  type: JSON_TYPE,
  multiValue: false,
  stats: { cardinality: null, min: null, max: null, hasNulls: true, sizeBytes: 0 },
} as const;

/** Columns in memory. */
export interface ColumnarFacts
  extends Pick<
    Segment,
    | 'rowCount'
    | 'minTimeMs'
    | 'maxTimeMs'
    | 'sortedByTime'
    | 'lineage'
    | 'rollup'
    | 'queryGranularity'
  > {
  /** For messages. */
  readonly path: string;
  readonly memory: WebAssembly.Memory;
  readonly scratch: ScratchRange | null;
  readonly columns: readonly ColumnEntry[];
  /**
   * Of a column, or of its index of a kind: what to add to a block's offset for its address. Null where the bytes are not
   * there: they must not be read.
   */
  readonly baseOf: (column: string, kind?: string) => number | null;
  /** Cells by id that this thread already has as values; those that are decoded are added. */
  readonly knownCells: (name: string) => (Value | undefined)[];
}

/** Makes columns in memory readable: views over it are made column by column when asked for. */
export class ColumnarSegment implements Segment {
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime: boolean;
  readonly isTransient = false;
  readonly lineage: object | null;
  readonly columns: readonly ColumnDescription[];
  readonly aggregators: Readonly<Record<string, unknown>>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  readonly scanMemory: ScanMemory | null;
  readonly #entries: ReadonlyMap<string, ColumnEntry>;
  readonly #attached = new Map<string, AttachedColumn>();
  readonly #described = new Map<ColumnEntry, ColumnDescription>();
  readonly #indexes = new Map<IndexEntry, ColumnIndex | null>();

  constructor(private readonly facts: ColumnarFacts) {
    const { memory, scratch, columns } = facts;
    this.scanMemory = scratch === null ? null : { memory, scratch };
    this.rowCount = facts.rowCount;
    this.minTimeMs = facts.minTimeMs;
    this.maxTimeMs = facts.maxTimeMs;
    this.sortedByTime = facts.sortedByTime;
    this.lineage = facts.lineage;
    this.columns = columns.filter(({ role }) => role !== 'path').map(describeColumn);
    this.rollup = facts.rollup;
    this.queryGranularity = facts.queryGranularity;
    this.#entries = new Map(columns.map((entry) => [entry.name, entry]));
    const aggregators: Record<string, unknown> = Object.create(null);
    for (const { name, aggregator } of columns) {
      if (aggregator !== null) aggregators[name] = aggregator;
    }
    this.aggregators = aggregators;
  }

  cursor(): SegmentCursor {
    return new ColumnCursor(this.rowCount, (name, position) => this.#reader(name, position));
  }

  describe(name: string): ColumnDescription | null {
    const place = columnPlace(this.#entries, name);
    if (place === null) return null;
    const described = this.#described.get(place.entry) ?? describeColumn(place.entry);
    this.#described.set(place.entry, described);
    // Statistics are those of whole values.
    return place.kind === 'column' ? described : { ...described, ...UNKNOWN_VALUES, name };
  }

  scanColumn(name: string): ScanColumn | null {
    return this.#column(name)?.scan ?? null;
  }

  index(column: string, kind: string): ColumnIndex | null {
    const place = columnPlace(this.#entries, column);
    if (place?.kind !== 'column') return null;
    const entry = place.entry.indexes.find((each) => each.kind === kind);
    const base = this.facts.baseOf(place.entry.name, kind);
    if (entry === undefined || base === null) return null;
    let index = this.#indexes.get(entry);
    if (index === undefined) {
      index = this.#attachIndex(entry, base);
      this.#indexes.set(entry, index);
    }
    return index;
  }

  #attachIndex({ kind, parameters, blocks }: IndexEntry, base: number): ColumnIndex | null {
    const { memory } = this.facts;
    const bytes = (name: string): Uint8Array => {
      const block = blocks.find((each) => each.name === name);
      if (block === undefined) throw new InternalError(`index ${kind} has no block ${name}`);
      return new Uint8Array(memory.buffer, base + block.offset, block.length);
    };
    const { rowCount } = this;
    return indexKindNamed(kind)?.attach({ rowCount, parameters, bytes }) ?? null;
  }

  #reader(name: string, position: { row: number }): ColumnReader {
    return this.#column(name)?.reader(position) ?? NULL_READER;
  }

  #column(name: string): AttachedColumn | null {
    const known = this.#attached.get(name);
    if (known !== undefined) return known;
    const place = columnPlace(this.#entries, name);
    if (place === null) return null;
    const column = this.#attachPlace(name, place);
    this.#attached.set(name, column);
    return column;
  }

  #attachPlace(name: string, place: ColumnPlace): AttachedColumn {
    switch (place.kind) {
      case 'column':
        return this.#attach(place.entry);
      case 'within':
        return attachPath(this.#attach(place.entry), place.path, this.facts.knownCells(name));
      case 'nothing':
        return NOTHING;
    }
  }

  #attach(entry: ColumnEntry): AttachedColumn {
    const { path, memory, baseOf, knownCells } = this.facts;
    const { name } = entry;
    const base = baseOf(name);
    if (base === null) {
      throw new InternalError(`column ${name} of ${path} is read but was not pinned`);
    }
    const encoding = encodingNamed(entry.encoding);
    if (encoding === undefined) {
      throw new CorruptSegmentError(path, 0, `encoding ${entry.encoding} is not known`, name);
    }
    const { buffer } = memory;
    return encoding.attach(new LoadedColumn(entry, this.rowCount, buffer, base, knownCells(name)));
  }
}
