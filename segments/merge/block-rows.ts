import { ColumnRoom } from '../seal/column-room.js';
import type { SealInput } from '../seal/input.js';
import { OutputRows } from '../seal/output-vectors.js';
import type { MergeFile } from './merge-file.js';
import type { PlanBlock } from './merge-plan.js';
import { readWindow } from './row-window.js';
import type { WindowRoom } from './window-room.js';

/**
 * The rows of a block as rows to be sealed: each file's are an input of their own, with the named columns. As valid as the
 * room that they were read into. `areCombined` says how output rows are told, not what they are: it holds for a whole piece,
 * so that its blocks give vectors alike.
 */
export function blockRows(
  files: readonly MergeFile[],
  names: readonly string[],
  block: PlanBlock,
  areCombined: boolean,
  room: WindowRoom,
): OutputRows {
  const { owners, starts, froms, counts, rowCount } = block;
  const next = new Uint32Array(files.length);
  let base = 0;
  const inputs = files.map((file, i): SealInput => {
    const span = { from: froms[i]!, to: froms[i]! + counts[i]! };
    const { segment, first } = readWindow(file, names, span, room);
    const input = { segment, cursor: segment.cursor(), base };
    next[i] = base + first;
    base += segment.rowCount;
    return input;
  });
  const entries = new Uint32Array(owners.length);
  for (let i = 0; i < entries.length; i++) entries[i] = next[owners[i]!]!++;
  const merged = { rowCount, entries, starts: areCombined ? starts : null };
  return new OutputRows(inputs, merged, new ColumnRoom());
}
