import { expect } from 'vitest';
import { parseJson } from '../../core/index.js';
import { nativeJson } from '../json/native-json.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from '../testing.js';

type Query = Readonly<Record<string, unknown>>;

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

/** For tests: rows in one segment and in two, growing or sealed. */
export function askedTable(table: TestTable, rows: readonly TestRow[]): Asked {
  const halves = [0, 1].map((half) => ({ rows: rows.filter((_, i) => i % 2 === half) }));
  const layouts = {
    'one segment': new TestTables().add('t', table, [{ rows }]),
    'two segments': new TestTables().add('t', table, halves),
    'one file': new TestTables().addSealed('t', table, halves, 1000),
    'two files': new TestTables().addSealed('t', table, halves, Math.ceil(rows.length / 2)),
  };
  const text = async (query: Query): Promise<string> => {
    const parsed = parseNativeQuery({ dataSource: 't', intervals: '1970/1971', ...query });
    const texts: string[] = [];
    for (const [name, tables] of Object.entries(layouts)) {
      texts.push([...nativeJson(parsed, await testEngine(tables).run(parsed))].join(''));
      expect(texts.at(-1), name).toBe(texts[0]);
    }
    return texts[0]!;
  };
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
