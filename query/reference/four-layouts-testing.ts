import { expect } from 'vitest';
import { parseJson } from '../../core/index.js';
import { nativeJson } from '../json/native-json.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from '../testing.js';

type Json = Readonly<Record<string, unknown>>;

/** For tests: asks a query; the answer is what a client reads, and the same to the letter however the rows lie. */
export interface FourLayouts {
  text(query: Json): Promise<string>;
  json(query: Json): Promise<unknown>;
  close(): void;
}

/** For tests: table `t` of one segment and of two, growing (its columns have no indexes) and sealed (they have). */
export function fourLayouts(table: TestTable, rows: readonly TestRow[]): FourLayouts {
  const half = Math.ceil(rows.length / 2);
  const halves = [{ rows: rows.slice(0, half) }, { rows: rows.slice(half) }];
  const layouts = {
    growing: new TestTables().add('t', table, [{ rows }]),
    'growing, two': new TestTables().add('t', table, halves),
    sealed: new TestTables().addSealed('t', table, [{ rows }], 1000),
    'sealed, two': new TestTables().addSealed('t', table, [{ rows }], half),
  };
  const text = async (query: Json): Promise<string> => {
    const parsed = parseNativeQuery({ dataSource: 't', intervals: '1970/1971', ...query });
    const texts: string[] = [];
    for (const [name, tables] of Object.entries(layouts)) {
      const result = await testEngine(tables).run(parsed);
      texts.push([...nativeJson(parsed, result)].join('').trim());
      expect(texts.at(-1), name).toBe(texts[0]);
    }
    return texts[0]!;
  };
  return {
    text,
    json: async (query) => parseJson(await text(query)),
    close: () => Object.values(layouts).forEach((tables) => void tables.close()),
  };
}
