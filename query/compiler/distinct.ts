import type { Aggregator, AggregatorForm } from '../../model/index.js';
import type { Aggregate } from './aggregates.js';
import type { CodeColumn, Columns } from './columns.js';
import { entryOfNumber } from './emit-entry.js';
import { putDownPair } from './emit-pairs.js';
import { addToSketch } from './emit-sketches.js';
import { type EntryTable, entryTable } from './entry-tables.js';
import { lowerColumn } from './expressions.js';
import type { KernelBuilder } from './kernel-builder.js';
import { bytesOf, u32At } from './keys.js';
import { codeOf, type Num } from './numbers.js';
import type { SketchKind } from './sketch-kinds.js';
import { ALWAYS } from './tests.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  type Local,
  loop,
  op,
  set,
  when,
} from './wasm/code.js';

type SketchForm = Extract<AggregatorForm, { kind: 'sketch' | 'coupons' }>;

/** Writes how the entries of the current row are added, each by `addOne`, which finds it in a local. */
type EachEntry = (kernel: KernelBuilder, addOne: (entry: Local) => Code[]) => Code[];

/** A distinct count by numbers that are hashed as they come, or by a table of what each code adds. */
export function lowerDistinct(
  columns: Columns,
  aggregator: Aggregator,
  form: SketchForm,
  kind: SketchKind,
): Aggregate | null {
  const num = plainNumber(columns, form);
  if (num !== null) return sketching(kind, num.valid, 1, ofNumber(num, kind));
  if (columns.storedBehind(aggregator.inputs).size === 0) return ofNothing(columns, form, kind);
  const column = columns.onlyCodes(aggregator.inputs);
  if (column === null) return null;
  const table = entryTable(columns, aggregator, form, column);
  return sketching(kind, null, table.longest, ofCode(column, table));
}

/** Over columns that are not there: null in every row, which may be a tuple that counts. */
function ofNothing(columns: Columns, form: SketchForm, kind: SketchKind): Aggregate | null {
  const added = form.entries(columns.over(null))();
  return added.length > 0
    ? null
    : sketching(
        kind,
        () => i32(0),
        1,
        () => [],
      );
}

function sketching(
  kind: SketchKind,
  valid: Num['valid'],
  entriesPerRow: number,
  each: EachEntry,
): Aggregate {
  return {
    filter: ALWAYS,
    longFold: null,
    derived: null,
    valid,
    field: { kind: 'i64', initial: 0n },
    isCount: false,
    sketch: kind,
    gather: null,
    entriesPerRow,
    isOrdered: false,
    update: (kernel, cell) =>
      each(kernel, (entry) =>
        cell.address === null
          ? addToSketch(kernel, kind, entry, cell)
          : putDownPair(kernel, entry, cell.address),
      ),
    // What the word of a sketch stands for lies elsewhere.
    combine: null,
    state: () => null,
  };
}

/** The numbers of a column that count by their 8 bytes. */
function plainNumber(columns: Columns, { plain }: SketchForm): Num | null {
  const num =
    plain === null || !columns.exists(plain.column) ? null : lowerColumn(columns, plain.column);
  if (num === null) return null;
  const { column, type } = plain!;
  const own = columns.virtual(column)?.outputType ?? columns.stored(column)!.type;
  return type === null || type === own ? num : null;
}

const ofNumber =
  (num: Num, kind: SketchKind): EachEntry =>
  (kernel, addOne) => {
    const entry = kernel.local('entry', 'i32');
    return [...entryOfNumber(kernel, num, kind, entry), ...addOne(entry)];
  };

/** A null, or an empty list, adds no entry: 0. */
const ofCode =
  (column: CodeColumn, { entries, offsets }: EntryTable): EachEntry =>
  (kernel, addOne) => {
    const entry = kernel.local('entry', 'i32');
    const table = get(kernel.table(bytesOf(entries)));
    const code = codeOf(kernel, column);
    if (offsets === null) return [set(entry, u32At(table, code)), when(get(entry), addOne(entry))];
    const [at, end] = [kernel.local('entryElement', 'i32'), kernel.local('entryEnd', 'i32')];
    const starts = get(kernel.table(bytesOf(offsets)));
    return [
      set(at, code),
      set(end, u32At(starts, add(get(at), i32(1)))),
      set(at, u32At(starts, get(at))),
      block('added', (added) => [
        loop('entries', (next) => [
          brIf(added, op('i32.ge_u', get(at), get(end))),
          set(entry, u32At(table, get(at))),
          ...addOne(entry),
          set(at, op('i32.add', get(at), i32(1))),
          br(next),
        ]),
      ]),
    ];
  };
