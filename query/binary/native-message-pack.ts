import type { Packr } from 'msgpackr';
import { countElements, type Notation, nativeElements } from '../json/native-elements.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryResult } from '../result.js';
import { plainValue } from './plain-values.js';

/**
 * Druid's response to a native query as MessagePack, in pieces: one array, of the elements that its JSON has. The library is
 * loaded for those who want it.
 */
export async function nativeMessagePack(
  query: NativeQuery,
  result: QueryResult,
): Promise<Iterable<Uint8Array>> {
  const { Packr } = await import('msgpackr');
  return piecesOf(query, result, new Packr({ useRecords: false }));
}

function* piecesOf(query: NativeQuery, result: QueryResult, packr: Packr): Generator<Uint8Array> {
  yield arrayHead(countElements(query, result));
  for (const element of nativeElements(query, result, PLAIN)) yield packr.pack(element);
}

/** The head of an array of so many elements, which follow: `array 32`, big-endian. */
function arrayHead(count: number): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = 0xdd;
  new DataView(head.buffer).setUint32(1, count);
  return head;
}

/** Records are maps: no key can be mistaken for anything else. */
const PLAIN: Notation<unknown> = {
  value: plainValue,
  literal: (json) => json,
  list: (items) => items,
  record:
    (keys) =>
    (...values) =>
      new Map(keys.map((key, i) => [key, values[i]])),
  object: (fields, first) => {
    const shown = fields.slice(first);
    return (row) =>
      new Map(shown.map(({ name, type }, i) => [name, plainValue(row[first + i]!, type)]));
  },
  array: (fields, first) => {
    const shown = fields.slice(first);
    return (row) => shown.map(({ type }, i) => plainValue(row[first + i]!, type));
  },
};
