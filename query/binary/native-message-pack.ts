import { countElements, type Notation, nativeElements } from '../json/native-elements.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryResult } from '../result.js';
import { packedList } from './packed-list.js';
import { plainValue } from './plain-values.js';

/** Druid's response to a native query as MessagePack, in pieces: one array, of the elements that its JSON has. */
export const nativeMessagePack = (
  query: NativeQuery,
  result: QueryResult,
): Promise<Iterable<Uint8Array>> =>
  packedList(countElements(query, result), nativeElements(query, result, PLAIN));

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
