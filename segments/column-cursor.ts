import type { ColumnReader } from '../model/index.js';
import type { Position } from './encodings/encoding.js';
import type { SegmentCursor } from './types.js';

/** A cursor whose readers are made on demand; each column has one reader per cursor. */
export class ColumnCursor implements SegmentCursor {
  row = 0;
  readonly #readers = new Map<string, ColumnReader>();
  #time: ColumnReader | null = null;

  constructor(
    readonly rowCount: number,
    private readonly makeReader: (name: string, position: Position) => ColumnReader,
  ) {}

  column(name: string): ColumnReader {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = this.makeReader(name, this);
      this.#readers.set(name, reader);
    }
    return reader;
  }

  timeMs(): number {
    this.#time ??= this.column('__time');
    // Row times are safe integers and never null.
    return this.#time.get() as number;
  }
}
