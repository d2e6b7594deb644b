import { compareText, type Long } from '../../core/index.js';
import {
  type ArrayType,
  isArrayType,
  Json,
  type JsonPath,
  jsonPathText,
  type Scalar,
} from '../../model/index.js';
import { textListOf } from '../encodings/text-dictionary.js';
import type { JsonVector, Vector } from '../encodings/vector.js';
import { compareLists, type ListCell, ListTable } from '../lists.js';
import { nullBitmapBytes, setNull } from '../null-bitmap.js';
import { writeLong } from '../words.js';
import { documentsOf } from './documents.js';
import { losslessType } from './kinds.js';
import { PathCollector, type PathValue, type PathValues } from './path-collector.js';

interface PathVector {
  readonly path: JsonPath;
  readonly vector: Vector;
}

/** The columns of the paths into a JSON column. */
export interface PathVectors {
  /** In the order of their paths' texts. */
  readonly vectors: Iterable<PathVector>;
  /** Whether every path has one. */
  readonly isComplete: boolean;
}

/** Takes the documents of a column apart. Memory: all scalars of the distinct documents, and one vector at a time. */
export function pathVectors({ texts, ids, rowCount }: JsonVector): PathVectors {
  const collector = new PathCollector();
  for (const { id, value } of documentsOf(texts)) collector.add(id, value);
  const { found, isComplete } = collector;
  const rows = { ids: ids.subarray(0, rowCount), places: new Uint32Array(texts.size) };
  return { vectors: vectorsOf(found, rows), isComplete };
}

/** The document of each row. */
interface DocumentRows {
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
  /** By document, for the path at hand: 0 where there is nothing, else one more than the place of its value. */
  readonly places: Uint32Array;
}

function* vectorsOf(found: readonly PathValues[], rows: DocumentRows): Generator<PathVector> {
  const byText = found.map((values) => ({ values, text: jsonPathText(values.path) }));
  byText.sort((a, b) => compareText(a.text, b.text));
  for (const { values } of byText) {
    const { documents, path } = values;
    for (let i = 0; i < documents.length; i++) rows.places[documents[i]!] = i + 1;
    yield { path, vector: vectorOf(values, rows) };
    for (let i = 0; i < documents.length; i++) rows.places[documents[i]!] = 0;
  }
}

function vectorOf({ values, kinds, listKinds }: PathValues, rows: DocumentRows): Vector {
  const type = losslessType(kinds, listKinds);
  if (type === 'LONG') return longVector(values as readonly Long[], rows);
  if (type === 'DOUBLE') return doubleVector(values as readonly number[], rows);
  if (isArrayType(type)) return arrayVector(type, values as readonly (readonly Scalar[])[], rows);
  const isText = type === 'STRING';
  const texts = isText ? (values as readonly string[]) : values.map(jsonText);
  const { cells, ids } = coded(texts, rows);
  const rowCount = ids.length;
  if (isText) return { kind: 'STRING', rowCount, cells, ids };
  return { kind: 'JSON', rowCount, texts: textListOf(cells), ids, paths: 'none' };
}

const jsonText = (value: PathValue): string => Json.of(value)!.text;

function longVector(values: readonly Long[], { ids, places }: DocumentRows): Vector {
  const rowCount = ids.length;
  const words = new Uint32Array(2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const place = places[ids[row]!]!;
    if (place > 0) writeLong(words, 2 * row, values[place - 1]!);
  }
  const nulls = nullsOf({ ids, places });
  return { kind: 'LONG', layout: 'words', rowCount, words, nulls };
}

function doubleVector(values: readonly number[], { ids, places }: DocumentRows): Vector {
  const rowCount = ids.length;
  const doubles = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const place = places[ids[row]!]!;
    if (place > 0) doubles[row] = values[place - 1]!;
  }
  return { kind: 'DOUBLE', rowCount, values: doubles, nulls: nullsOf({ ids, places }) };
}

function nullsOf({ ids, places }: DocumentRows): Uint8Array | null {
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < ids.length; row++) {
    if (places[ids[row]!]! > 0) continue;
    nulls ??= new Uint8Array(nullBitmapBytes(ids.length));
    setNull(nulls, row);
  }
  return nulls;
}

/** Distinct texts in order, null first where some row is null, and by row which one it is. */
function coded(
  texts: readonly string[],
  rows: DocumentRows,
): { readonly cells: (string | null)[]; readonly ids: Uint32Array } {
  const distinct = [...new Set(texts)].sort(compareText);
  const rankOf = new Map(distinct.map((text, rank) => [text, rank]));
  const ranks = Uint32Array.from(texts, (text) => rankOf.get(text)!);
  const { ids, hasNull } = rankedRows(ranks, rows);
  return { cells: hasNull ? [null, ...distinct] : distinct, ids };
}

function arrayVector(
  type: ArrayType,
  lists: readonly (readonly Scalar[])[],
  rows: DocumentRows,
): Vector {
  const table = new ListTable();
  const arrivals = Uint32Array.from(lists, (list) => table.idOf(list));
  const compare = compareLists(type);
  const sorted = Array.from(table.cells.keys()).sort((a, b) =>
    compare(table.cells[a]!, table.cells[b]!),
  );
  const rankOf = new Uint32Array(sorted.length);
  for (const [rank, arrival] of sorted.entries()) rankOf[arrival] = rank;
  const { ids, hasNull } = rankedRows(
    arrivals.map((arrival) => rankOf[arrival]!),
    rows,
  );
  const distinct = sorted.map((arrival) => table.cells[arrival]!);
  const cells: ListCell[] = hasNull ? [null, ...distinct] : distinct;
  return { kind: 'ARRAY', type, rowCount: ids.length, cells, ids };
}

/** By row the rank of its document's value, counted from 1 where some rows have none, which is 0. */
function rankedRows(
  ranks: Uint32Array,
  { ids, places }: DocumentRows,
): { readonly ids: Uint32Array; readonly hasNull: boolean } {
  const ranked = new Uint32Array(ids.length);
  let hasNull = false;
  for (let row = 0; row < ids.length; row++) {
    const place = places[ids[row]!]!;
    if (place === 0) hasNull = true;
    else ranked[row] = ranks[place - 1]! + 1;
  }
  if (!hasNull) for (let row = 0; row < ranked.length; row++) ranked[row]!--;
  return { ids: ranked, hasNull };
}
