import { utf8Decode } from '../../core/index.js';
import {
  type ColumnReader,
  type ComplexTypeSerde,
  complexName,
  complexType,
  type DictionaryReader,
  isComplexType,
  NULL_READER,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { type Cell, cellOf } from '../cells.js';
import { ColumnCursor } from '../column-cursor.js';
import type { Position } from '../encodings/encoding.js';
import { CellDictionary } from '../encodings/id-readers.js';
import { isNull } from '../null-bitmap.js';
import type { ColumnDescription, Segment, SegmentCursor } from '../types.js';
import { readLong } from '../words.js';
import type { Place } from './arena-store.js';
import { ByteHeapReader } from './byte-heap.js';
import { CHUNK_MASK, CHUNK_SHIFT, doublesAt, floatsAt, idsAt, nullsAt, wordsAt } from './chunks.js';
import type { MutableColumnHandle, MutableSegmentHandle } from './handle.js';

/** Cells by id that this thread already has as strings, by column; a reader adds those it decodes. */
export type KnownCells = ReadonlyMap<string, (Cell | undefined)[] | null>;

type ReaderMaker = (position: Position) => ColumnReader;

/** Makes the rows of a mutable segment that a handle covers readable, in any thread. */
export function attachMutable(handle: MutableSegmentHandle, known?: KnownCells): Segment {
  return new MutableView(handle, known ?? new Map());
}

class MutableView implements Segment {
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly sortedByTime: boolean;
  readonly isTransient = false;
  readonly columns: readonly ColumnDescription[];
  readonly aggregators: Readonly<Record<string, unknown>>;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  /** Its chunks lie apart. */
  readonly scanMemory = null;
  readonly #handles: ReadonlyMap<string, MutableColumnHandle>;
  readonly #makers = new Map<string, ReaderMaker>();

  constructor(
    handle: MutableSegmentHandle,
    private readonly known: KnownCells,
  ) {
    this.rowCount = handle.rowCount;
    this.minTimeMs = handle.minTimeMs;
    this.maxTimeMs = handle.maxTimeMs;
    this.sortedByTime = handle.sortedByTime;
    this.columns = handle.columns.map(({ description }) => description);
    this.rollup = handle.rollup;
    this.queryGranularity = handle.queryGranularity;
    this.#handles = new Map(handle.columns.map((column) => [column.description.name, column]));
    const aggregators: Record<string, unknown> = Object.create(null);
    for (const [name, spec] of handle.aggregators) aggregators[name] = spec;
    this.aggregators = aggregators;
  }

  scanColumn(): null {
    return null;
  }

  cursor(): SegmentCursor {
    return new ColumnCursor(this.rowCount, (name, position) => this.#reader(name, position));
  }

  #reader(name: string, position: Position): ColumnReader {
    const handle = this.#handles.get(name);
    if (handle === undefined) return NULL_READER;
    let maker = this.#makers.get(name);
    if (maker === undefined) {
      maker = makerOf(handle, this.known.get(name) ?? []);
      this.#makers.set(name, maker);
    }
    return maker(position);
  }
}

function makerOf(handle: MutableColumnHandle, known: (Cell | undefined)[]): ReaderMaker {
  const { type } = handle.description;
  const nulls = handle.nulls.map((place) => (place === null ? null : nullsAt(place)));
  if (type === 'STRING') return stringMaker(handle, known);
  if (type === 'DOUBLE') return numbersMaker(type, handle.chunks, doublesAt, nulls, DoubleReader);
  if (type === 'FLOAT') return numbersMaker(type, handle.chunks, floatsAt, nulls, FloatReader);
  if (isComplexType(type)) {
    const heap = new ByteHeapReader(handle.heap!);
    const serde = complexType(complexName(type));
    return (position) => new ComplexReader(position, type, heap, serde);
  }
  return numbersMaker('LONG', handle.chunks, wordsAt, nulls, LongReader);
}

function stringMaker(handle: MutableColumnHandle, known: (Cell | undefined)[]): ReaderMaker {
  const { multiValue } = handle.description;
  const chunks = handle.chunks.map(idsAt);
  const texts = new ByteHeapReader(handle.heap!);
  const lists = handle.lists === null ? null : new ByteHeapReader(handle.lists);
  const text = (id: number): string | null => {
    const bytes = texts.bytes(id);
    return bytes === null ? null : utf8Decode(bytes);
  };
  const decode = (id: number): Cell => {
    if (lists === null) return text(id);
    const bytes = lists.bytes(id)!;
    const textIds = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    return cellOf(Array.from(textIds, text));
  };
  const cells = new CellDictionary(handle.cellCount, multiValue, decode, known);
  return (position) => new StringReader(position, chunks, cells);
}

function numbersMaker<View>(
  type: ValueType,
  places: readonly Place[],
  view: (place: Place) => View,
  nulls: readonly (Uint8Array | null)[],
  Reader: new (
    position: Position,
    type: ValueType,
    chunks: readonly View[],
    nulls: readonly (Uint8Array | null)[],
  ) => ColumnReader,
): ReaderMaker {
  const chunks = places.map(view);
  return (position) => new Reader(position, type, chunks, nulls);
}

class StringReader implements ColumnReader, DictionaryReader {
  readonly type = 'STRING';
  readonly exists = true;
  readonly dictionary = this;
  readonly multiValue: boolean;
  readonly size: number;

  constructor(
    private readonly position: Position,
    private readonly chunks: readonly Uint32Array[],
    private readonly cells: CellDictionary,
  ) {
    this.multiValue = cells.multiValue;
    this.size = cells.size;
  }

  get(): Value {
    return this.cells.cell(this.id());
  }

  id(): number {
    const { row } = this.position;
    return this.chunks[row >>> CHUNK_SHIFT]![row & CHUNK_MASK]!;
  }

  value(id: number): Value {
    return this.cells.cell(id);
  }
}

/** Numbers in chunks with null bitmaps in chunks. */
abstract class NumberReader<View> implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    protected readonly position: Position,
    readonly type: ValueType,
    protected readonly chunks: readonly View[],
    private readonly nulls: readonly (Uint8Array | null)[],
  ) {}

  abstract get(): Value;

  protected isNullAt(row: number): boolean {
    if (this.nulls.length === 0) return false;
    const bitmap = this.nulls[row >>> CHUNK_SHIFT];
    return bitmap ? isNull(bitmap, row & CHUNK_MASK) : false;
  }
}

class LongReader extends NumberReader<Uint32Array> {
  override get(): Value {
    const { row } = this.position;
    if (this.isNullAt(row)) return null;
    return readLong(this.chunks[row >>> CHUNK_SHIFT]!, 2 * (row & CHUNK_MASK));
  }
}

class DoubleReader extends NumberReader<Float64Array> {
  override get(): Value {
    const { row } = this.position;
    return this.isNullAt(row) ? null : this.chunks[row >>> CHUNK_SHIFT]![row & CHUNK_MASK]!;
  }
}

class FloatReader extends NumberReader<Float32Array> {
  override get(): Value {
    const { row } = this.position;
    return this.isNullAt(row) ? null : this.chunks[row >>> CHUNK_SHIFT]![row & CHUNK_MASK]!;
  }
}

class ComplexReader implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    readonly type: ValueType,
    private readonly heap: ByteHeapReader,
    private readonly serde: ComplexTypeSerde,
  ) {}

  get(): Value {
    const bytes = this.heap.bytes(this.position.row);
    return bytes === null ? null : this.serde.decode(bytes.slice());
  }
}
