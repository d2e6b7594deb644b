import { expect } from 'vitest';
import { parseJson } from '../../core/index.js';
import { nativeJson } from '../json/native-json.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from '../testing.js';

type Query = Readonly<Record<string, unknown>>;

/** For tests: tables whose rows lie in several ways, by what these are called. */
export type Layouts = Readonly<Record<string, TestTables>>;

/** For tests: the response over table `t` and all its time, unless the query says otherwise, as a client reads it. */
export async function textIn(tables: TestTables, query: Query): Promise<string> {
  const parsed = parseNativeQuery({ dataSource: 't', intervals: '1970/1971', ...query });
  return [...nativeJson(parsed, await testEngine(tables).run(parsed))].join('');
}

/** For tests: what one layout gives, which all others must give, too. */
export async function inAll<T>(
  layouts: Layouts,
  find: (tables: TestTables) => Promise<T>,
): Promise<T> {
  const found: T[] = [];
  for (const [name, tables] of Object.entries(layouts)) {
    found.push(await find(tables));
    expect(found.at(-1), name).toEqual(found[0]);
  }
  return found[0]!;
}

/** For tests: a table that is asked in several layouts, whose answers must be the same to the letter. */
export interface Asked {
  /** The response as a client reads it. */
  text(query: Query): Promise<string>;
  /** The same, parsed. */
  json(query: Query): Promise<unknown>;
  /** The one object that a timeseries of all time has for these aggregators and post-aggregators, as text. */
  total(aggregations: readonly object[], postAggregations?: readonly object[]): Promise<string>;
  close(): void;
}

/** For tests: table `t` of one segment and of two, growing (its columns have no indexes) and sealed (they have). */
export function askedTable(table: TestTable, rows: readonly TestRow[]): Asked {
  const half = Math.ceil(rows.length / 2);
  const halves = [{ rows: rows.slice(0, half) }, { rows: rows.slice(half) }];
  const layouts = {
    'one segment': new TestTables().add('t', table, [{ rows }]),
    'two segments': new TestTables().add('t', table, halves),
    'one file': new TestTables().addSealed('t', table, halves, 1000),
    'two files': new TestTables().addSealed('t', table, halves, half),
  };
  const text = (query: Query) => inAll(layouts, (tables) => textIn(tables, query));
  return {
    text,
    json: async (query) => parseJson(await text(query)),
    async total(aggregations, postAggregations = []) {
      const query = { queryType: 'timeseries', granularity: 'all', aggregations, postAggregations };
      const answer = await text(query);
      const [, result] = /^\[\{"timestamp":"[^"]*","result":(\{.*\})\}\]$/s.exec(answer)!;
      return result!;
    },
    close() {
      for (const tables of Object.values(layouts)) tables.close();
    },
  };
}

/** For tests: asks a query; the answer is the text that a client gets, but that midnight in UTC is left out of times. */
export type AskText = (query: Query) => Promise<string>;

/** For tests: asks such a table about all its time. */
export function askText(table: TestTable, rows: readonly TestRow[]): AskText {
  const { text } = askedTable(table, rows);
  return async (query) =>
    (await text({ intervals: '1000/3000', ...query })).replaceAll('T00:00:00.000Z', '');
}

/** For tests: the time of a row, in UTC. */
export const at = (text: string): number => Date.parse(`${text}Z`);
