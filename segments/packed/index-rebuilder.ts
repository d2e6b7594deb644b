import { crc32c, ResourceLimitError } from '../../core/index.js';
import { indexKindNamed } from '../../indexes/index.js';
import { LoadedColumn } from '../encodings/loaded-column.js';
import { encodingNamed } from '../encodings/registry.js';
import type { BlockEntry, ColumnEntry, IndexEntry, SegmentDirectory } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import type { PlacedBlock } from '../format/segment-bytes.js';
import { storedColumn } from './stored-column.js';

/** The blocks of an index that was built again, by name. */
type Rebuilt = ReadonlyMap<string, Uint8Array>;

/**
 * Makes indexes from their column while the blocks of a segment file go by in order: those of a column that has such indexes
 * are kept until the next column comes. Needs memory for one column and one index of it.
 */
export class IndexRebuilder {
  #column: ColumnEntry | null = null;
  #loaded: LoadedColumn | null = null;
  #index: IndexEntry | null = null;
  #rebuilt: Rebuilt | null = null;

  constructor(private readonly directory: SegmentDirectory) {}

  /** Passes the content of a block on, and keeps it where an index will be made from it. */
  *keep(placed: PlacedBlock, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
    const { block, column, index } = placed;
    if (index !== null || !column.indexes.some((each) => isRebuilt({ column, index: each }))) {
      yield* chunks;
      return;
    }
    const kept = this.#columnOf(placed).u8(block.name);
    let at = 0;
    for (const chunk of chunks) {
      kept.set(chunk, at);
      at += chunk.length;
      yield chunk;
    }
  }

  /**
   * The content of an index's block, built again; null where this version of Varve builds another index than the one that
   * was stored, or none.
   */
  rebuild(placed: PlacedBlock): Uint8Array | null {
    const { block, column, index } = placed;
    if (index === null || !isRebuilt({ column, index })) return null;
    if (this.#index !== index) {
      this.#index = index;
      this.#rebuilt = rebuilt(this.#columnOf(placed), index);
    }
    return this.#rebuilt?.get(block.name) ?? null;
  }

  #columnOf({ column, tree }: PlacedBlock): LoadedColumn {
    if (this.#column !== column || this.#loaded === null) {
      this.#column = column;
      this.#loaded = emptyColumn(column, (tree ?? this.directory).rowCount);
    }
    return this.#loaded;
  }
}

/**
 * Whether a block is of an index that is left out where it comes out the same. Of a column without blocks it never is: then
 * nothing in the file would bear out how many rows there are to make it for.
 */
export const isRebuilt = ({ column, index }: Pick<PlacedBlock, 'column' | 'index'>): boolean =>
  index !== null && column.blocks.length > 0 && indexKindNamed(index.kind)?.isPacked === false;

/** Room for the blocks of a column, one behind the other. */
function emptyColumn(column: ColumnEntry, rowCount: number): LoadedColumn {
  let offset = 0;
  const blocks = column.blocks.map((block): BlockEntry => {
    const moved = { ...block, offset };
    offset += paddedLength(block.length);
    return moved;
  });
  if (offset > MOST_COLUMN_BYTES) throw tooLarge(column, offset);
  return new LoadedColumn({ ...column, blocks }, rowCount, new SharedArrayBuffer(offset), 0);
}

/** More no memory of those holds that queries run in. */
const MOST_COLUMN_BYTES = 2 ** 32;

function tooLarge({ name }: ColumnEntry, amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `column ${name} has ${amount} bytes, at most ${MOST_COLUMN_BYTES} can be in memory; use fewer rows per segment`,
    MOST_COLUMN_BYTES,
    amount,
  );
}

/** Null unless it comes out as it was stored. */
function rebuilt(loaded: LoadedColumn, { kind, parameters, blocks }: IndexEntry): Rebuilt | null {
  if (encodingNamed(loaded.entry.encoding)?.checkContent?.(loaded)) return null;
  const column = storedColumn(loaded);
  if (column === null) return null;
  const built = new Map<string, Uint8Array>();
  const written = indexKindNamed(kind)!.build(column, {
    block(name, chunks) {
      built.set(name, joined(chunks));
    },
  });
  const isSame =
    JSON.stringify(sortedPairs(written ?? {})) === JSON.stringify(sortedPairs(parameters)) &&
    blocks.every(({ name, crc32c: checksum }) => crc32c(built.get(name) ?? NOTHING) === checksum);
  return isSame ? built : null;
}

const NOTHING = new Uint8Array(0);

const sortedPairs = (parameters: IndexEntry['parameters']) => Object.entries(parameters).sort();

function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const parts = Array.from(chunks, (chunk) => chunk.slice());
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
