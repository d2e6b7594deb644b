import type { CodedColumn, IndexableColumn, Texts } from '../indexes/index.js';
import { textListOf } from './encodings/text-dictionary.js';
import { textListsOf } from './encodings/text-lists.js';
import { isTextList, type StringVector, type TextList, type Vector } from './encodings/vector.js';

/** A vector as builders of indexes see it, with the codes that its column is stored with; null where there is none for it. */
export function indexableColumn(vector: Vector): IndexableColumn | null {
  switch (vector.kind) {
    case 'STRING':
      return codedColumn(vector);
    case 'JSON': {
      const { kind, rowCount, ids, texts } = vector;
      return { kind, rowCount, ids, ...dictionaryOf(texts) };
    }
    case 'ARRAY':
    case 'COMPLEX':
      return null;
    default:
      return vector;
  }
}

function codedColumn({ rowCount, ids, cells }: StringVector): CodedColumn {
  if (!isTextList(cells) && cells.some((cell) => Array.isArray(cell))) {
    const lists = textListsOf(cells);
    return { kind: 'STRING', rowCount, ids, lists, ...dictionaryOf(textListOf(lists.texts)) };
  }
  const texts = isTextList(cells) ? cells : textListOf(cells as readonly (string | null)[]);
  return { kind: 'STRING', rowCount, ids, lists: null, ...dictionaryOf(texts) };
}

function dictionaryOf(list: TextList): Pick<CodedColumn, 'size' | 'hasNull' | 'texts'> {
  let known: Texts | null = null;
  const texts = (): Texts => {
    known ??= gatherTexts(list);
    return known;
  };
  return { size: list.size, hasNull: list.hasNull, texts };
}

function gatherTexts(list: TextList): Texts {
  const offsets = new Uint32Array(list.size + 1);
  const chunks = Array.from(list.chunks(offsets), (chunk) => chunk.slice());
  const bytes = new Uint8Array(offsets[list.size]!);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, offsets };
}
