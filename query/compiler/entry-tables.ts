import { stringifyJson } from '../../core/index.js';
import type { Aggregator, AggregatorForm } from '../../model/index.js';
import { CodeCache } from './code-cache.js';
import { type CodeColumn, type Columns, keepsCodes } from './columns.js';

/** What each code of a column adds to a sketch. */
export interface EntryTable {
  /** By code, 0 where it adds none; or, where there are offsets, one after another. */
  readonly entries: Uint32Array;
  /** Code c adds entries [offsets[c], offsets[c + 1]); null where none adds more than one. */
  readonly offsets: Uint32Array | null;
  /** The most entries that a code adds. */
  readonly longest: number;
}

type SketchForm = Extract<AggregatorForm, { kind: 'sketch' | 'coupons' }>;

/** Of this thread. */
const cache = new CodeCache<EntryTable>(
  ({ entries, offsets }) => 4 * (entries.length + (offsets?.length ?? 0)),
);

/** Every code is hashed once for a segment, whether or not it comes up, while there is room for the table. */
export function entryTable(
  columns: Columns,
  aggregator: Aggregator,
  form: SketchForm,
  column: CodeColumn,
): EntryTable {
  const virtual = columns.virtualColumns.map(({ spec }) => spec);
  const name = stringifyJson([{ ...aggregator.spec, name: '' }, virtual]);
  const more = (earlier: EntryTable | null) => makeTable(columns, form, column, earlier);
  return cache.get(columns.segment, name, more, (table) =>
    keepsCodes(column) ? sizeOf(table) >= column.size : sizeOf(table) === column.size,
  );
}

const sizeOf = ({ entries, offsets }: EntryTable): number =>
  offsets === null ? entries.length : offsets.length - 1;

/** Behind what an earlier table says of the first codes. */
function makeTable(
  columns: Columns,
  form: SketchForm,
  column: CodeColumn,
  earlier: EntryTable | null,
): EntryTable {
  const source = columns.over(column);
  const read = form.entries(source);
  const entries = new Uint32Array(column.size);
  const lists: (readonly number[])[] = [];
  const isKept = keepsCodes(column) && earlier?.offsets === null;
  const known = isKept ? earlier.entries : new Uint32Array(0);
  entries.set(known);
  for (let code = known.length; code < column.size; code++) {
    source.code = code;
    const list = read();
    if (list.length > 1) lists[code] = list;
    else entries[code] = list[0] ?? 0;
  }
  return lists.length === 0 ? { entries, offsets: null, longest: 1 } : withLists(entries, lists);
}

/** `lists` has what does not fit into `ones`. */
function withLists(
  ones: Uint32Array,
  lists: readonly (readonly number[] | undefined)[],
): EntryTable {
  const offsets = new Uint32Array(ones.length + 1);
  const entries: number[] = [];
  let longest = 1;
  for (const [code, one] of ones.entries()) {
    const list = lists[code] ?? (one === 0 ? [] : [one]);
    longest = Math.max(longest, list.length);
    entries.push(...list);
    offsets[code + 1] = entries.length;
  }
  return { entries: Uint32Array.from(entries), offsets, longest };
}
