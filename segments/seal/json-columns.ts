import { utf8Encode } from '../../core/index.js';
import { JSON_TYPE, type Json, type Value, valueCaster } from '../../model/index.js';
import type { JsonVector } from '../encodings/vector.js';
import { memoryOf, readIds, type SealInput } from './input.js';
import { unsignedIn } from './number-columns.js';
import type { IdColumn, Ranks } from './ranks.js';
import { textTable } from './string-columns.js';
import { NULL_TEXT, rankTexts, type TextTable } from './text-ranks.js';
import { textsOf } from './texts-of.js';

interface JsonColumn extends IdColumn {
  /** The dictionary as texts. */
  readonly texts: TextTable;
}

/** The named column of all inputs, as JSON where it is of another type; one that is missing is null. */
export function rankJson(inputs: readonly SealInput[], name: string): Ranks<JsonVector> {
  const columns = inputs.map((input) => jsonColumn(input, name));
  const tables = columns.map(({ texts }) => texts);
  const ranks = rankTexts(tables);
  const { size, rankOf } = ranks;
  return {
    columns,
    size,
    rankOf,
    scratch: new Uint32Array(size),
    vector: (wanted, ids) => ({
      kind: 'JSON',
      rowCount: ids.length,
      texts: textsOf(tables, ranks, wanted),
      ids,
      paths: 'none',
    }),
  };
}

function jsonColumn(input: SealInput, name: string): JsonColumn {
  const { rowCount } = input.segment;
  const reader = input.cursor.column(name);
  if (!reader.exists) return { ids: new Uint8Array(rowCount), size: 1, texts: NULL_TEXT };
  const { dictionary, type } = reader;
  const toJson = valueCaster(type, JSON_TYPE);
  if (dictionary === undefined) {
    const texts = new TextsOfJson();
    const ids = readIds(input, () => texts.idOf(toJson(reader.get())));
    return { ids, size: texts.size, texts: texts.table() };
  }
  const { size } = dictionary;
  const memory = memoryOf(input, name, reader, type);
  const stored = memory === null ? null : textTable(memory, memory.scan.jsonTexts);
  const ids =
    memory === null
      ? readIds(input, () => dictionary.id())
      : unsignedIn(memory.buffer, memory.scan.address, memory.scan.width, rowCount);
  if (stored !== null) return { ids, size, texts: stored };
  const texts = new TextsOfJson();
  const idOf = Uint32Array.from({ length: size }, (_, id) =>
    texts.idOf(toJson(dictionary.value(id))),
  );
  return { ids: Uint32Array.from(ids, (id) => idOf[id]!), size: texts.size, texts: texts.table() };
}

/** A dictionary of JSON that is made cell by cell. */
class TextsOfJson {
  readonly #ids = new Map<string | null, number>([[null, 0]]);

  get size(): number {
    return this.#ids.size;
  }

  idOf(value: Value): number {
    const text = value === null ? null : (value as Json).text;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.size;
    this.#ids.set(text, id);
    return id;
  }

  table(): TextTable {
    const texts = Array.from(this.#ids.keys(), (text) => utf8Encode(text ?? ''));
    const offsets = new Uint32Array(texts.length + 1);
    for (const [i, { length }] of texts.entries()) offsets[i + 1] = offsets[i]! + length;
    return { size: texts.length, hasNull: true, bytes: Buffer.concat(texts), offsets };
  }
}
