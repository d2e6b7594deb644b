import { stringifyJson } from '../../core/index.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryResult } from '../result.js';
import { jsonValue } from './json-values.js';
import { type Notation, nativeElements } from './native-elements.js';

/** Druid's JSON response to a native query, in pieces: `[`, the elements, `]`. */
export function* nativeJson(query: NativeQuery, result: QueryResult): Iterable<string> {
  yield '[';
  let separator = '';
  for (const element of nativeElements(query, result, JSON_TEXT)) {
    yield separator + element;
    separator = ',';
  }
  yield ']';
}

/** What stands before each value of a record. */
const headsOf = (keys: readonly string[]): string[] =>
  keys.map((key, i) => `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`);

const JSON_TEXT: Notation<string> = {
  value: jsonValue,
  literal: stringifyJson,
  list: (items) => `[${items.join(',')}]`,
  record(keys) {
    const heads = headsOf(keys);
    return (...values) => {
      let text = heads.length === 0 ? '{' : '';
      for (let i = 0; i < heads.length; i++) text += heads[i]! + values[i]!;
      return `${text}}`;
    };
  },
  object(fields, first) {
    const shown = fields.slice(first);
    const heads = headsOf(shown.map(({ name }) => name));
    return (row) => {
      let text = heads.length === 0 ? '{' : '';
      for (let i = 0; i < heads.length; i++) {
        text += heads[i]! + jsonValue(row[first + i]!, shown[i]!.type);
      }
      return `${text}}`;
    };
  },
  array: (fields, first) => {
    const shown = fields.slice(first);
    return (row) => `[${shown.map(({ type }, i) => jsonValue(row[first + i]!, type)).join(',')}]`;
  },
};
