import type { CodeLists } from '../../indexes/index.js';
import { type Cell, compareElements, elementsOf } from '../cells.js';

/** Cells as lists of codes; a code is the place of an element in `texts`. */
export interface TextLists extends CodeLists {
  /** Distinct and in order, null first where some list has a null element. */
  readonly texts: readonly (string | null)[];
}

const KNOWN = new WeakMap<readonly Cell[], TextLists>();

/** The same for the same array: the column and its indexes both ask. */
export function textListsOf(cells: readonly Cell[]): TextLists {
  const known = KNOWN.get(cells);
  if (known !== undefined) return known;
  const texts = [...new Set(cells.flatMap(elementsOf))].sort(compareElements);
  const lists = { texts, ...listsOf(cells, texts) };
  KNOWN.set(cells, lists);
  return lists;
}

function listsOf(cells: readonly Cell[], texts: readonly (string | null)[]): CodeLists {
  const codeOf = new Map(texts.map((text, code) => [text, code]));
  const offsets = new Uint32Array(cells.length + 1);
  for (const [i, cell] of cells.entries()) offsets[i + 1] = offsets[i]! + elementsOf(cell).length;
  const codes = new Uint32Array(offsets[cells.length]!);
  let at = 0;
  for (const cell of cells) for (const text of elementsOf(cell)) codes[at++] = codeOf.get(text)!;
  return { offsets, codes };
}
