import type { DimensionSchema } from '../schema.js';
import { sealInputsOf } from '../seal/input.js';
import { keyWordsOf } from '../seal/key-words.js';
import { timesOf } from '../seal/number-columns.js';
import { countingUp } from '../seal/time-order.js';
import type { MergeFile } from './merge-file.js';
import type { RankedColumn } from './ranked-column.js';
import { type RowSpan, readWindow } from './row-window.js';
import type { WindowRoom } from './window-room.js';

/** A dimension that rows are ordered by, and how it is read: by ranks, or as numbers. */
export interface KeyDimension {
  readonly dimension: DimensionSchema;
  readonly ranked: RankedColumn | null;
}

type Words = Uint8Array | Uint16Array | Uint32Array;

/** What rows are compared by. */
export interface KeySource {
  readonly file: MergeFile;
  readonly input: number;
  readonly dimensions: readonly KeyDimension[];
  readonly truncate: (timeMs: number) => number;
  /** Used and cleared within a call. */
  readonly room: WindowRoom;
}

/** The sort keys of some rows of a file. Dimensions are read when they are first compared: times often decide. */
export class KeyWindow {
  readonly times: Float64Array;
  readonly #words: (readonly Words[] | null)[];

  constructor(
    private readonly source: KeySource,
    readonly span: RowSpan,
  ) {
    const { file, room, truncate } = source;
    const { segment, first } = readWindow(file, ['__time'], span, room);
    const all = timesOf(sealInputsOf([segment]), segment.rowCount, truncate);
    this.times = first === 0 ? all : all.slice(first);
    room.clear();
    this.#words = source.dimensions.map(() => null);
  }

  /** Words that compare as numbers, most significant first, each by row of the window. */
  words(dimension: number): readonly Words[] {
    const known = this.#words[dimension];
    if (known) return known;
    const words = this.#read(dimension);
    this.#words[dimension] = words;
    return words;
  }

  #read(at: number): readonly Words[] {
    const { file, input, dimensions, room } = this.source;
    const { dimension, ranked } = dimensions[at]!;
    const { from, to } = this.span;
    if (ranked !== null) return [ranked.rows.read(input, from, to - from)];
    const { segment, first } = readWindow(file, [dimension.name], this.span, room);
    const rows = countingUp(segment.rowCount).subarray(first);
    const words = keyWordsOf(sealInputsOf([segment]), dimension, () => null).map((wordOf) =>
      wordOf(rows),
    );
    room.forget();
    return words;
  }
}

/** How many words a dimension has, for reckoning the memory of a window. */
export const wordCount = ({ ranked }: KeyDimension): number => (ranked === null ? 3 : 1);

/** Compares rows of two windows, counted from their beginnings, over the same dimensions. */
export function compareKeys(
  a: KeyWindow,
  rowA: number,
  b: KeyWindow,
  rowB: number,
  dimensionCount: number,
): number {
  const time = a.times[rowA]! - b.times[rowB]!;
  if (time !== 0) return time;
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const wordsA = a.words(dimension);
    const wordsB = b.words(dimension);
    for (let k = 0; k < wordsA.length; k++) {
      const order = wordsA[k]![rowA]! - wordsB[k]![rowB]!;
      if (order !== 0) return order;
    }
  }
  return 0;
}
