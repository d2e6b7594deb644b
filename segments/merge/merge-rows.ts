import { invariant } from '../../core/index.js';
import { compareKeys, type KeyDimension, KeyWindow, wordCount } from './key-window.js';
import type { MergeFile } from './merge-file.js';
import { MergeHeap } from './merge-heap.js';
import { MergePlan, type PlanPiece } from './merge-plan.js';
import type { MergeSpace } from './merge-space.js';
import type { WindowRoom } from './window-room.js';

const MIN_WINDOW_ROWS = 16;
const MAX_WINDOW_ROWS = 1 << 16;

export interface RowOrder {
  readonly dimensions: readonly KeyDimension[];
  readonly truncate: (timeMs: number) => number;
  /** Whether equal rows are combined. */
  readonly combine: boolean;
  /** Output rows of a piece at most. */
  readonly maxRows: number;
}

/** How the rows of all files follow one another, in pieces. */
export interface MergedOrder {
  readonly plan: MergePlan;
  readonly pieces: readonly PlanPiece[];
}

/** Rows of a step. */
const STEP_ROWS = 1 << 18;

/**
 * Merges files, whose rows are in the order asked for, by their keys: of each only a window of rows is in memory. Where rows
 * are combined, those of one file are all different. Step by step.
 */
export function* mergeRows(
  files: readonly MergeFile[],
  order: RowOrder,
  space: MergeSpace,
  room: WindowRoom,
): Generator<undefined, MergedOrder> {
  const plan = new MergePlan(space.spill(), files.length);
  const rowsAtOnce = windowRows(files.length, order, space);
  const runs = files.map((file, input) => new KeyRun(file, input, order, room, rowsAtOnce));
  const dimensionCount = order.dimensions.length;
  const compare = (a: number, b: number): number => runs[a]!.compare(runs[b]!, dimensionCount);
  const heap = new MergeHeap(files.length, compare);
  const pieces = new PieceCutter(files.length, order.maxRows);
  let lastWindow: KeyWindow | null = null;
  let lastRow = 0;
  let lastInput = -1;
  for (let done = 1; heap.size > 0; done++) {
    if (done % STEP_ROWS === 0) yield;
    const input = heap.top;
    const run = runs[input]!;
    const { window, row } = run;
    const step =
      lastWindow === null ? -1 : compareKeys(lastWindow, lastRow, window, row, dimensionCount);
    invariant(step <= 0, `rows of ${files[input]!.path} are in order`);
    const isJoined = order.combine && step === 0;
    invariant(!isJoined || input !== lastInput, `rows of ${files[input]!.path} are all different`);
    plan.add(input, isJoined);
    pieces.add(input, isJoined, window.times[row]!);
    lastWindow = window;
    lastRow = row;
    lastInput = input;
    if (run.next()) heap.moved();
    else heap.ended();
  }
  plan.finish();
  return { plan, pieces: pieces.finish() };
}

/** Rows of a window, so that the windows of all files take their share of memory. */
function windowRows(fileCount: number, { dimensions }: RowOrder, space: MergeSpace): number {
  const words = dimensions.reduce((sum, dimension) => sum + wordCount(dimension), 0);
  // The window of the row before may be held beside the next one.
  const rows = Math.floor(space.keyBytes / (8 + 4 * words) / (fileCount + 1));
  return Math.max(MIN_WINDOW_ROWS, Math.min(MAX_WINDOW_ROWS, rows));
}

/** The rows of one file in turn. */
class KeyRun {
  window: KeyWindow;
  /** In the window. */
  row = 0;

  constructor(
    private readonly file: MergeFile,
    private readonly input: number,
    private readonly order: RowOrder,
    private readonly room: WindowRoom,
    private readonly windowRows: number,
  ) {
    this.window = this.#windowFrom(0);
  }

  compare(other: KeyRun, dimensionCount: number): number {
    return compareKeys(this.window, this.row, other.window, other.row, dimensionCount);
  }

  /** False when there are no more. */
  next(): boolean {
    const { to, from } = this.window.span;
    if (from + this.row + 1 < to) {
      this.row++;
      return true;
    }
    if (to === this.file.rowCount) return false;
    this.window = this.#windowFrom(to);
    this.row = 0;
    return true;
  }

  #windowFrom(from: number): KeyWindow {
    const { file, input, room } = this;
    const { dimensions, truncate } = this.order;
    const to = Math.min(file.rowCount, from + this.windowRows);
    return new KeyWindow({ file, input, dimensions, truncate, room }, { from, to });
  }
}

/** Cuts the rows into pieces as they come. */
class PieceCutter {
  readonly #pieces: PlanPiece[] = [];
  /** By file: how many of its rows have come. */
  readonly #positions: Uint32Array;
  #starts: Uint32Array;
  #firstEntry = 0;
  #entryCount = 0;
  #rowCount = 0;
  #minTimeMs = 0;
  #maxTimeMs = 0;

  constructor(
    fileCount: number,
    private readonly maxRows: number,
  ) {
    this.#positions = new Uint32Array(fileCount);
    this.#starts = new Uint32Array(fileCount);
  }

  add(input: number, isJoined: boolean, timeMs: number): void {
    if (!isJoined) {
      if (this.#rowCount === this.maxRows) this.#end();
      if (this.#rowCount === 0) this.#minTimeMs = timeMs;
      this.#rowCount++;
      this.#maxTimeMs = timeMs;
    }
    this.#positions[input]!++;
    this.#entryCount++;
  }

  finish(): PlanPiece[] {
    if (this.#rowCount > 0) this.#end();
    return this.#pieces;
  }

  #end(): void {
    this.#pieces.push({
      rowCount: this.#rowCount,
      entryCount: this.#entryCount,
      firstEntry: this.#firstEntry,
      starts: this.#starts,
      minTimeMs: this.#minTimeMs,
      maxTimeMs: this.#maxTimeMs,
    });
    this.#firstEntry += this.#entryCount;
    this.#starts = this.#positions.slice();
    this.#entryCount = 0;
    this.#rowCount = 0;
  }
}
