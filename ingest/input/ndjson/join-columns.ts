import type { BatchColumn, InputBatch } from '../batch.js';
import { valuesOf } from '../batch.js';
import { ABSENT, OTHER } from './tags.js';
import { OTHERS_ALWAYS_THERE, TokenColumn } from './token-column.js';

/** The columns of batches, one behind the other; fields in the order of their first appearance. */
export function joinColumns(
  batches: readonly Pick<InputBatch, 'rowCount' | 'columns'>[],
): ReadonlyMap<string, BatchColumn> {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first.columns;
  const names = new Set(batches.flatMap(({ columns }) => [...columns.keys()]));
  const counts = batches.map(({ rowCount }) => rowCount);
  const joined = [...names].map((name) => {
    const parts = batches.map(({ columns }) => columns.get(name) ?? null);
    return [name, joinTokens(parts, counts) ?? joinValues(parts, counts)] as const;
  });
  return new Map(joined);
}

/** Null when the parts are not all tokens of one dictionary. */
function joinTokens(
  parts: readonly (BatchColumn | null)[],
  counts: readonly number[],
): TokenColumn | null {
  const present = parts.filter((part) => part !== null);
  const dictionary = present[0] instanceof TokenColumn ? present[0].dictionary : null;
  const areOne = (part: BatchColumn): part is TokenColumn =>
    part instanceof TokenColumn && part.dictionary === dictionary;
  if (dictionary === null || !present.every(areOne)) return null;
  const rowCount = counts.reduce((sum, count) => sum + count, 0);
  const tags = new Uint8Array(rowCount).fill(ABSENT);
  const ids = new Uint32Array(rowCount);
  const words = new Uint32Array(2 * rowCount);
  const others = [...OTHERS_ALWAYS_THERE];
  let mask = 0;
  let row = 0;
  for (const [i, part] of parts.entries()) {
    mask |= part === null ? ABSENT : (part as TokenColumn).mask;
    if (part !== null) copyTokens(part as TokenColumn, { tags, ids, words, others }, row);
    row += counts[i]!;
  }
  return new TokenColumn(mask, { tags, ids, words, dictionary, others });
}

/** Copies a part to row `first` and those behind it. */
function copyTokens(
  part: TokenColumn,
  target: { tags: Uint8Array; ids: Uint32Array; words: Uint32Array; others: unknown[] },
  first: number,
): void {
  target.tags.set(part.tags, first);
  target.ids.set(part.ids, first);
  target.words.set(part.words, 2 * first);
  if (part.hasOnlyBooleans) return;
  const known = OTHERS_ALWAYS_THERE.length;
  const shift = target.others.length - known;
  for (const value of part.others.slice(known)) target.others.push(value);
  for (let row = 0; row < part.length; row++) {
    if (part.tags[row] === OTHER && part.ids[row]! >= known) target.ids[first + row]! += shift;
  }
}

function joinValues(
  parts: readonly (BatchColumn | null)[],
  counts: readonly number[],
): readonly unknown[] {
  return parts.flatMap((part, i) =>
    part === null ? new Array<unknown>(counts[i]!).fill(undefined) : Array.from(valuesOf(part)),
  );
}
