import type { Aggregator, ValueType } from '../../model/index.js';
import type { Vector } from '../encodings/vector.js';
import { writeLong } from '../words.js';
import type { ColumnRoom } from './column-room.js';
import { type FoldForm, foldDoubles, foldLongs } from './fold.js';
import type { SealInput } from './input.js';
import {
  doubleColumn,
  gatherDoubles,
  gatherLongs,
  gatherWords,
  longColumn,
} from './number-columns.js';
import { type Picks, picksOf } from './picks.js';
import type { MergedRows } from './sorted-rows.js';
import { type ValueAt, vectorOf } from './value-vector.js';

/** The rows of one output segment, as its columns take them. */
export class OutputRows {
  readonly rowCount: number;
  /** See `MergedRows`. */
  readonly starts: Uint32Array | null;
  /** The first input row of each output row. */
  readonly firsts: Uint32Array;
  /** Where `firsts` are, and all of the rows. */
  readonly picks: readonly Picks[];
  #allPicks: readonly Picks[] | null = null;

  constructor(
    readonly inputs: readonly SealInput[],
    private readonly merged: MergedRows,
    /** For the column at hand. */
    readonly room: ColumnRoom,
  ) {
    const { rowCount, entries, starts } = merged;
    this.rowCount = rowCount;
    this.starts = starts;
    this.firsts = starts === null ? entries : entriesAt(entries, starts.subarray(0, rowCount));
    this.picks = picksOf(this.firsts, inputs);
  }

  get entryCount(): number {
    return this.merged.entries.length;
  }

  /** Of all rows, whose targets are places in order. */
  get allPicks(): readonly Picks[] {
    if (this.starts === null) return this.picks;
    this.#allPicks ??= picksOf(this.merged.entries, this.inputs);
    return this.#allPicks;
  }
}

function entriesAt(entries: Uint32Array, places: Uint32Array): Uint32Array {
  const found = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) found[i] = entries[places[i]!]!;
  return found;
}

/** Truncated times of the output rows, which ascend; `times` has those of all input rows. */
export function timeVector({ firsts, rowCount, room }: OutputRows, times: Float64Array): Vector {
  const base = times[firsts[0]!]!;
  const last = times[firsts[rowCount - 1]!]!;
  if (last - base < 2 ** 32) {
    const offsets = room.words(rowCount);
    for (let i = 0; i < rowCount; i++) offsets[i] = times[firsts[i]!]! - base;
    return { kind: 'LONG', layout: 'offsets', rowCount, base, offsets, nulls: null };
  }
  const words = new Uint32Array(2 * rowCount);
  for (let i = 0; i < rowCount; i++) writeLong(words, 2 * i, times[firsts[i]!]!);
  return { kind: 'LONG', layout: 'words', rowCount, words, nulls: null };
}

export type NumericType = 'LONG' | 'DOUBLE' | 'FLOAT';

/** A numeric dimension. */
export function numberVector(
  { inputs, picks, rowCount, room }: OutputRows,
  name: string,
  type: NumericType,
): Vector {
  if (type === 'LONG') {
    return gatherLongs(
      inputs.map((input) => longColumn(input, name)),
      picks,
      rowCount,
      room,
    );
  }
  const columns = inputs.map((input) => doubleColumn(input, name, type));
  return gatherDoubles(columns, picks, rowCount, type, room);
}

/**
 * A metric: where an output row is one input row whose column already has the stored type, its
 * value as it is; else the states of all its rows folded by the combining aggregator.
 */
export function metricVector(rows: OutputRows, aggregator: Aggregator): Vector {
  const { name, storedType } = aggregator;
  const readers = rows.inputs.map(({ cursor }) => cursor.column(name));
  const isNumber = storedType === 'LONG' || storedType === 'DOUBLE' || storedType === 'FLOAT';
  const areStored = readers.every(({ exists, type }) => exists && type === storedType);
  if (isNumber && areStored) {
    if (rows.starts === null) return numberVector(rows, name, storedType);
    const form = foldFormOf(aggregator.combining(), storedType);
    if (form !== null) return foldedVector(rows, rows.starts, name, storedType, form);
  }
  return vectorOf(storedType, rows.rowCount, stateReader(rows, aggregator));
}

/** How an aggregator combines stored numbers, where that is a loop over them. */
function foldFormOf({ form }: Aggregator, type: ValueType): FoldForm | null {
  if (form === undefined || form.kind === 'count' || !('type' in form)) return null;
  return form.type === type ? form.kind : null;
}

function foldedVector(
  { inputs, allPicks, entryCount }: OutputRows,
  starts: Uint32Array,
  name: string,
  type: 'LONG' | 'DOUBLE' | 'FLOAT',
  form: FoldForm,
): Vector {
  if (type === 'LONG') {
    const columns = inputs.map((input) => longColumn(input, name));
    return foldLongs(gatherWords(columns, allPicks, entryCount), starts, form);
  }
  const columns = inputs.map((input) => doubleColumn(input, name, type));
  return foldDoubles(gatherDoubles(columns, allPicks, entryCount, type), starts, form);
}

/** Row by row, by the aggregator itself. */
function stateReader(rows: OutputRows, aggregator: Aggregator): ValueAt {
  const { inputs, starts } = rows;
  const combiner = aggregator.combining();
  const readers = inputs.map(({ cursor }) => cursor.column(aggregator.name));
  const copies = readers.map(({ exists, type }) => exists && type === aggregator.storedType);
  const accumulators = inputs.map(({ cursor }) => combiner.accumulator(cursor));
  const { owners, places } = rowsByPlace(rows);
  return (i) => {
    const first = starts === null ? i : starts[i]!;
    const end = starts === null ? i + 1 : starts[i + 1]!;
    const input = owners[first]!;
    if (end === first + 1 && copies[input]) {
      inputs[input]!.cursor.row = places[first]!;
      return readers[input]!.get();
    }
    let state = combiner.initial();
    for (let entry = first; entry < end; entry++) {
      const owner = owners[entry]!;
      inputs[owner]!.cursor.row = places[entry]!;
      state = accumulators[owner]!.fold(state);
    }
    return state;
  };
}

/** By place among all rows: the input, and the row in it. */
function rowsByPlace({ allPicks, entryCount }: OutputRows) {
  const owners = new Uint32Array(entryCount);
  const places = new Uint32Array(entryCount);
  for (const { input, rows, targets } of allPicks) {
    for (let i = 0; i < rows.length; i++) {
      owners[targets[i]!] = input;
      places[targets[i]!] = rows[i]!;
    }
  }
  return { owners, places };
}
