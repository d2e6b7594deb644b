import type { CodedColumn, CodeLists } from '../column.js';
import type { KeyRows } from './row-lists.js';

/** Codes that rows can be asked for: of lists, one more, for cells that have no element. */
export const codeCount = ({ size, lists }: CodedColumn): number =>
  lists === null ? size : size + 1;

/** The rows of each code: counted, then placed. A row is there once for a code, however often its list has it. */
export function rowsByCode(column: CodedColumn): KeyRows {
  const starts = new Uint32Array(codeCount(column) + 1);
  const { lists } = column;
  if (lists === null) countCodes(column, starts);
  else countElements(column, lists, starts);
  for (let code = 1; code < starts.length; code++) starts[code]! += starts[code - 1]!;
  const rows = new Uint32Array(starts[starts.length - 1]!);
  const next = starts.slice(0, -1);
  if (lists === null) placeCodes(column, next, rows);
  else placeElements(column, lists, next, rows);
  return { starts, rows };
}

function countCodes({ ids, rowCount }: CodedColumn, starts: Uint32Array): void {
  for (let row = 0; row < rowCount; row++) starts[ids[row]! + 1]!++;
}

function placeCodes({ ids, rowCount }: CodedColumn, next: Uint32Array, rows: Uint32Array): void {
  for (let row = 0; row < rowCount; row++) rows[next[ids[row]!]!++] = row;
}

/** Distinct codes of each list count for all of its rows. */
function countElements(
  { ids, rowCount, size }: CodedColumn,
  lists: CodeLists,
  starts: Uint32Array,
) {
  const { offsets, codes } = lists;
  const listRows = new Uint32Array(offsets.length - 1);
  for (let row = 0; row < rowCount; row++) listRows[ids[row]!]!++;
  const lastList = new Uint32Array(size);
  for (let list = 0; list < listRows.length; list++) {
    const end = offsets[list + 1]!;
    if (offsets[list] === end) starts[size + 1]! += listRows[list]!;
    for (let at = offsets[list]!; at < end; at++) {
      const code = codes[at]!;
      if (lastList[code] === list + 1) continue;
      lastList[code] = list + 1;
      starts[code + 1]! += listRows[list]!;
    }
  }
}

function placeElements(
  { ids, rowCount, size }: CodedColumn,
  { offsets, codes }: CodeLists,
  next: Uint32Array,
  rows: Uint32Array,
): void {
  const lastRow = new Uint32Array(size);
  for (let row = 0; row < rowCount; row++) {
    const list = ids[row]!;
    const end = offsets[list + 1]!;
    if (offsets[list] === end) rows[next[size]!++] = row;
    for (let at = offsets[list]!; at < end; at++) {
      const code = codes[at]!;
      if (lastRow[code] === row + 1) continue;
      lastRow[code] = row + 1;
      rows[next[code]!++] = row;
    }
  }
}
