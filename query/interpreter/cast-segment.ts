import {
  castReader,
  isComplexType,
  JSON_TYPE,
  NULL_READER,
  rowColumn,
  type ValueType,
} from '../../model/index.js';
import type {
  ColumnDescription,
  ScanColumn,
  Segment,
  SegmentCursor,
  SegmentHandle,
} from '../../segments/index.js';

/** By name of a column of a segment that has another type: that of the table. */
export type Casts = ReadonlyMap<string, ValueType>;

const NO_CASTS: Casts = new Map();

/** The columns of a segment, of those that are read, that have another type than the table's. */
export function castsOf(
  handle: SegmentHandle,
  types: ReadonlyMap<string, ValueType>,
  read: ReadonlySet<string>,
): Casts {
  const { columns } = handle.kind === 'immutable' ? handle.directory : handle;
  const casts = columns.flatMap(({ name, type, role }): [string, ValueType][] => {
    const wanted = read.has(name) && role !== 'path' ? types.get(name) : undefined;
    return wanted !== undefined && isCast(type, wanted) ? [[name, wanted]] : [];
  });
  return casts.length === 0 ? NO_CASTS : new Map(casts);
}

/** States of aggregators are what they are: whoever asks for others is told so when they are read. */
export const isCast = (from: ValueType, to: ValueType): boolean =>
  from !== to && !isState(from) && !isState(to);

const isState = (type: ValueType): boolean => isComplexType(type) && type !== JSON_TYPE;

/**
 * A segment some of whose columns are read as values of the table's types: what differs between segments is resolved here,
 * and nobody above knows of it. Such columns have no layout and no index, for these are of what is stored: the interpreter
 * reads them.
 */
export function castSegment(segment: Segment, casts: Casts): Segment {
  return casts.size === 0 ? segment : new CastSegment(segment, casts);
}

class CastSegment implements Segment {
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime: boolean;
  readonly isTransient: boolean;
  readonly lineage: object | null;
  readonly columns: readonly ColumnDescription[];
  readonly aggregators: Segment['aggregators'];
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  readonly scanMemory: Segment['scanMemory'];

  constructor(
    private readonly stored: Segment,
    private readonly casts: Casts,
  ) {
    this.rowCount = stored.rowCount;
    this.minTimeMs = stored.minTimeMs;
    this.maxTimeMs = stored.maxTimeMs;
    this.sortedByTime = stored.sortedByTime;
    this.isTransient = stored.isTransient;
    this.lineage = stored.lineage === null ? null : lineageOf(stored.lineage, casts);
    this.columns = stored.columns.map((column) => this.#cast(column));
    this.aggregators = stored.aggregators;
    this.rollup = stored.rollup;
    this.queryGranularity = stored.queryGranularity;
    this.scanMemory = stored.scanMemory;
  }

  cursor(): SegmentCursor {
    const cursor = this.stored.cursor();
    const { casts } = this;
    const column: SegmentCursor['column'] = (name) => {
      const type = casts.get(name);
      if (type !== undefined) return castReader(cursor.column(name), type);
      // Paths are followed in the cast values.
      return casts.has(rowColumn(name)) ? NULL_READER : cursor.column(name);
    };
    return {
      rowCount: cursor.rowCount,
      get row() {
        return cursor.row;
      },
      set row(row) {
        cursor.row = row;
      },
      column,
      timeMs: () => cursor.timeMs(),
    };
  }

  describe(name: string): ColumnDescription | null {
    if (!this.casts.has(rowColumn(name))) return this.stored.describe(name);
    return this.casts.has(name) ? this.#cast(this.stored.describe(name)!) : null;
  }

  scanColumn(name: string): ScanColumn | null {
    return this.casts.has(rowColumn(name)) ? null : this.stored.scanColumn(name);
  }

  index(column: string, kind: string): ReturnType<Segment['index']> {
    return this.casts.has(rowColumn(column)) ? null : this.stored.index(column, kind);
  }

  #cast(column: ColumnDescription): ColumnDescription {
    const type = this.casts.get(column.name);
    if (type === undefined) return column;
    const { name, role, stats } = column;
    const { multiValue } = castReader({ ...NULL_READER, ...column, exists: true }, type);
    const unknown = { cardinality: null, min: null, max: null, hasNulls: true };
    return { name, type, multiValue, role, stats: { ...stats, ...unknown } };
  }
}

const lineages = new WeakMap<object, Map<string, object>>();

/** What is found out about rows with these casts holds for no others. */
function lineageOf(lineage: object, casts: Casts): object {
  const known = lineages.get(lineage) ?? new Map<string, object>();
  lineages.set(lineage, known);
  const key = castsText(casts);
  const own = known.get(key) ?? {};
  known.set(key, own);
  return own;
}

/** The same for equal casts of one segment; empty where there are none. */
export const castsText = (casts: Casts): string =>
  casts.size === 0 ? '' : JSON.stringify([...casts]);
