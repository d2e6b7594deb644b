import type { ColumnEntry } from '../format/directory.js';
import type { MergeFile } from './merge-file.js';
import { MergeHeap } from './merge-heap.js';
import type { MergeSpace } from './merge-space.js';
import { MergedTexts } from './merged-texts.js';
import { compareBytes, TextRun } from './text-run.js';

/** Told for each dictionary entry of each input, in the order of its ids, which rank it has. */
export type OnRank = (input: number, id: number, rank: number) => void;

/**
 * Merges the dictionaries of one text column of all files, entry by entry: null first, then texts in the order of their
 * bytes, equal ones once. A file without the column has nulls.
 */
export function mergeTexts(
  files: readonly MergeFile[],
  entries: readonly (ColumnEntry | null)[],
  space: MergeSpace,
  onRank: OnRank,
): MergedTexts {
  const bufferBytes = space.bufferBytes(2 * files.length);
  const runs = entries.map((entry, i) =>
    entry === null ? null : new TextRun(files[i]!, entry, bufferBytes),
  );
  const hasNull = runs.some((run) => run === null || run.hasNull);
  const merged = new MergedTexts(space, hasNull);
  for (const [i, run] of runs.entries()) if (run === null || run.hasNull) onRank(i, 0, 0);
  const inputs = runs.flatMap((run, input) => (run?.next() ? [{ run, input }] : []));
  const heap = new MergeHeap(inputs.length, (a, b) =>
    compareBytes(inputs[a]!.run.text, inputs[b]!.run.text),
  );
  while (heap.size > 0) {
    const { run, input } = inputs[heap.top]!;
    onRank(input, run.id, merged.add(run.text));
    if (run.next()) heap.moved();
    else heap.ended();
  }
  merged.finish();
  return merged;
}
