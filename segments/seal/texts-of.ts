import { utf8Decode } from '../../core/index.js';
import type { TextList } from '../encodings/vector.js';
import { basesOf, type TextRanks, type TextTable } from './text-ranks.js';

const CHUNK_BYTES = 1 << 18;

/** Bytes that are copied one by one: a call for them costs more. */
const SHORT_BYTES = 48;

/** The texts of some ranks, ascending, straight out of the tables' bytes. */
export function textsOf(
  tables: readonly TextTable[],
  ranks: TextRanks,
  wanted: Uint32Array,
): TextList {
  const bases = basesOf(tables);
  const hasNull = ranks.hasNull && wanted[0] === 0;
  const textAt = (i: number): string | null => {
    const rank = wanted[i];
    if (rank === undefined || (hasNull && i === 0)) return null;
    const item = ranks.itemOf[rank]!;
    const t = tableOf(item, bases);
    const { bytes, offsets } = tables[t]!;
    const id = item - bases[t]!;
    return utf8Decode(bytes.subarray(offsets[id]!, offsets[id + 1]!));
  };
  return {
    kind: 'texts',
    size: wanted.length,
    hasNull,
    first: textAt(hasNull ? 1 : 0),
    last: textAt(wanted.length - 1),
    chunks: (offsets) => chunksOf(tables, bases, ranks.itemOf, wanted, hasNull, offsets),
  };
}

function* chunksOf(
  tables: readonly TextTable[],
  bases: readonly number[],
  itemOf: Uint32Array,
  wanted: Uint32Array,
  hasNull: boolean,
  offsets: Uint32Array,
): Generator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  let total = 0;
  for (let i = hasNull ? 1 : 0; i < wanted.length; i++) {
    const item = itemOf[wanted[i]!]!;
    const t = tableOf(item, bases);
    const table = tables[t]!;
    const start = table.offsets[item - bases[t]!]!;
    const end = table.offsets[item - bases[t]! + 1]!;
    const length = end - start;
    total += length;
    offsets[i + 1] = total;
    if (used + length > CHUNK_BYTES) {
      yield chunk.subarray(0, used);
      used = 0;
    }
    if (length > CHUNK_BYTES) yield table.bytes.subarray(start, end);
    else {
      copyText(table.bytes, start, end, chunk, used);
      used += length;
    }
  }
  yield chunk.subarray(0, used);
}

function copyText(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start > SHORT_BYTES) target.set(source.subarray(start, end), at);
  else for (let from = start, to = at; from < end; from++, to++) target[to] = source[from]!;
}

/** The last table that begins at or before the text: a binary search. */
function tableOf(item: number, bases: readonly number[]): number {
  let low = 0;
  let high = bases.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (bases[middle]! <= item) low = middle;
    else high = middle;
  }
  return low;
}
