import { utf8Decode } from '../../core/index.js';
import { type Cell, compareCells } from '../cells.js';
import { isTextList, type StringVector, type TextList } from '../encodings/vector.js';

/** A dimension of some rows, as text: row i has `cells[ids[i]]`. Cells are distinct and in stored order. */
export interface PartitionColumn {
  readonly name: string;
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  readonly cells: readonly Cell[];
}

export const partitionColumn = (name: string, { ids, cells }: StringVector): PartitionColumn => ({
  name,
  ids,
  cells: isTextList(cells) ? decodeTexts(cells) : cells,
});

function decodeTexts(texts: TextList): Cell[] {
  const offsets = new Uint32Array(texts.size + 1);
  const chunks: Uint8Array[] = [];
  for (const chunk of texts.chunks(offsets)) chunks.push(chunk.slice());
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return Array.from({ length: texts.size }, (_, i) =>
    i === 0 && texts.hasNull ? null : utf8Decode(bytes.subarray(offsets[i]!, offsets[i + 1]!)),
  );
}

/**
 * Where a value stands among the cells: cell i stands at 2i + 1, a value that is none of them at the even number between
 * its neighbours.
 */
export function placeOf(cells: readonly Cell[], value: Cell): number {
  let low = 0;
  let high = cells.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareCells(cells[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  const isThere = low < cells.length && compareCells(cells[low]!, value) === 0;
  return isThere ? 2 * low + 1 : 2 * low;
}
