import type { QueryContext } from '../native/context.js';
import type { TablePart } from '../tables.js';
import type { ColumnFacts, FactsOf } from './column-facts.js';
import type { FilterTexts } from './filter-texts.js';
import { openedSegment } from './opened-segments.js';

/** Each text is looked up in every part. */
const MAX_TEXTS = 100;

/**
 * What is known of the rows of a part, and of the texts that the filter names, which of them no cell is or has: as far as Bloom
 * indexes tell that are in memory. Nothing is loaded.
 */
export function withBlooms(
  part: TablePart,
  facts: FactsOf,
  texts: FilterTexts,
  { skipIndexes }: QueryContext,
): FactsOf {
  const known = new Map<string, ColumnFacts | null>();
  const told = (name: string): ColumnFacts | null => {
    const own = facts(name);
    const named = texts.of(name);
    const isAsked = named.size > 0 && named.size <= MAX_TEXTS && !skipIndexes.has(name, KIND);
    if (own?.type !== 'STRING' || !isAsked) return own;
    const absent = absentTexts(part, name, named);
    return absent.size === 0 ? own : { ...own, without: absent };
  };
  return (name) => {
    const column = known.get(name);
    if (column !== undefined) return column;
    const found = told(name);
    known.set(name, found);
    return found;
  };
}

const KIND = 'bloom';

function absentTexts(part: TablePart, column: string, texts: ReadonlySet<string>): Set<string> {
  const absent = new Set<string>();
  if (part.facts?.indexes(column).includes(KIND) !== true) return absent;
  const pinned = part.pinLoaded?.({ columns: [], indexes: [{ column, kind: KIND }] });
  if (!pinned) return absent;
  try {
    const index = openedSegment(pinned.handle).index(column, KIND);
    for (const text of texts) {
      if (index?.estimate({ kind: 'texts', texts: [text] }) === 0) absent.add(text);
    }
    return absent;
  } finally {
    pinned.release();
  }
}
