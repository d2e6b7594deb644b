/** Codes from `from` on, before `to`. */
export interface CodeRange {
  readonly from: number;
  readonly to: number;
}

/** Some codes of a column: ranges that are ascending, apart and not empty, or a byte for each code, 1 where it is in. */
export type CodeSet =
  | { readonly kind: 'ranges'; readonly ranges: readonly CodeRange[] }
  | { readonly kind: 'table'; readonly table: Uint8Array };

export const hasCode = (set: CodeSet, code: number): boolean =>
  set.kind === 'table'
    ? set.table[code] === 1
    : set.ranges.some(({ from, to }) => from <= code && code < to);

/** The first code of the set that is not below `code`; Infinity where there is none. */
export function nextCode(set: CodeSet, code: number): number {
  if (set.kind === 'table') {
    const next = set.table.indexOf(1, code);
    return next < 0 ? Number.POSITIVE_INFINITY : next;
  }
  const range = set.ranges.find(({ to }) => code < to);
  return range === undefined ? Number.POSITIVE_INFINITY : Math.max(code, range.from);
}
