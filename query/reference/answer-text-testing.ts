import { expect } from 'vitest';
import { nativeJson } from '../json/native-json.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from '../testing.js';

/** For tests: asks a query; the answer is the text that a client gets, but that midnight in UTC is left out of times. */
export type AskText = (query: Record<string, unknown>) => Promise<string>;

/** For tests: asks table `t` about all its time, of one segment, of two, and of two files: the text is the same. */
export function askText(table: TestTable, rows: readonly TestRow[]): AskText {
  const middle = Math.ceil(rows.length / 2);
  const halves = [{ rows: rows.slice(0, middle) }, { rows: rows.slice(middle) }];
  const layouts = [
    new TestTables().add('t', table, [{ rows }]),
    new TestTables().add('t', table, halves),
    new TestTables().addSealed('t', table, halves, middle),
  ];
  return async (query) => {
    const texts = await Promise.all(layouts.map((tables) => textOf(tables, query)));
    for (const text of texts) expect(text).toBe(texts[0]);
    return texts[0]!;
  };
}

async function textOf(tables: TestTables, query: Record<string, unknown>): Promise<string> {
  const parsed = parseNativeQuery({ dataSource: 't', intervals: '1000/3000', ...query });
  const result = await testEngine(tables).run(parsed);
  return [...nativeJson(parsed, result)].join('').replaceAll('T00:00:00.000Z', '');
}

/** For tests: the time of a row, in UTC. */
export const at = (text: string): number => Date.parse(`${text}Z`);
