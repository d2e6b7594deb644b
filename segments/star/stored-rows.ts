import type { ReadFile } from '../../core/index.js';
import { type ColumnReader, NULL_READER, type RowCursor } from '../../model/index.js';
import { LoadedColumn } from '../encodings/loaded-column.js';
import { encodingNamed } from '../encodings/registry.js';
import type { ColumnEntry } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import type { ColumnMemory } from '../seal/input.js';

/** A column that was brought into memory. */
export interface StoredColumn {
  readonly entry: ColumnEntry;
  readonly reader: ColumnReader;
  /** Null where its rows can only be read by the reader. */
  readonly memory: ColumnMemory | null;
}

/** Rows that have been written, read back from their file: each column is brought into memory when it is asked for, and is the caller's. */
export class StoredRows implements RowCursor {
  row = 0;
  readonly #entries: ReadonlyMap<string, ColumnEntry>;

  constructor(
    private readonly file: ReadFile,
    readonly columns: readonly ColumnEntry[],
    readonly rowCount: number,
  ) {
    this.#entries = new Map(columns.map((entry) => [entry.name, entry]));
  }

  column(name: string): ColumnReader {
    return this.stored(name)?.reader ?? NULL_READER;
  }

  /** Null where there is no such column. */
  stored(name: string): StoredColumn | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { blocks, encoding } = entry;
    const [first, last] = [blocks[0], blocks.at(-1)];
    const start = first?.offset ?? 0;
    const size = last === undefined ? 0 : last.offset + paddedLength(last.length) - start;
    const buffer = new SharedArrayBuffer(size);
    for (const { offset, length } of blocks) {
      this.file.readInto(new Uint8Array(buffer, offset - start, length), offset);
    }
    const column = new LoadedColumn(entry, this.rowCount, buffer, -start);
    const { reader, scan } = encodingNamed(encoding)!.attach(column);
    return { entry, reader: reader(this), memory: scan && { scan, buffer } };
  }
}
