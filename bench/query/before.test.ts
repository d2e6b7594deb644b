import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beforeText, fromMarkdown, readBefore } from './before.js';
import type { Measured } from './measure.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'varve-before-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function fileOf(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const measured = (id: string, varve: number | undefined, peer: number): Measured => ({
  id,
  class: 'ssb',
  tags: [],
  ms: varve === undefined ? {} : { varve, duckdb: peer, clickhouse: 2 * peer },
  rounds: 1,
  resultRows: 1,
  errors: [],
  notes: [],
  jobs: null,
});

const MARKDOWN = `Text.

| query     | tags   | Varve | DuckDB | ClickHouse | ratio | ran |
| --------- | ------ | ----- | ------ | ---------- | ----- | --- |
| Q1 a name | filter | 4.00  | 8.00   | 9.00       | 2.00x | –   |
| Q2        | filter | –     | –      | –          | error | –   |

| query | ms, scan | ratio |
| ----- | -------- | ----- |
| total | 3.32     | 20.9x |

| query | Varve | DuckDB | ClickHouse | ratio | to ClickHouse |
| ----- | ----- | ------ | ---------- | ----- | ------------- |
| W1    | 198   | 221    | 90         | 0.45x | 0.45x         |
`;

test('tables of times are read, wherever they stand, and no others', () => {
  expect([...fromMarkdown(MARKDOWN)]).toEqual([
    ['Q1 a name', { ms: 4, ratio: 2 }],
    ['W1', { ms: 198, ratio: 0.45 }],
  ]);
});

test('a JSON report gives the same as its tables, without what failed', () => {
  const classes = [
    { class: 'ssb', measured: [measured('Q1', 4, 8), measured('Q2', undefined, 1)] },
  ];
  const path = fileOf('query.json', JSON.stringify({ classes }));
  expect([...readBefore(path)]).toEqual([['Q1', { ms: 4, ratio: 2 }]]);
});

test.each([
  { name: 'none.json', text: null, says: /--before: ENOENT/ },
  { name: 'broken.json', text: '{', says: /--before: .*broken.json is no JSON report/ },
  { name: 'empty.json', text: '{"classes": []}', says: /has no measured queries/ },
  { name: 'other.md', text: '# Nothing', says: /has no measured queries/ },
])('$name is refused', ({ name, text, says }) => {
  const path = text === null ? join(directory, name) : fileOf(name, text);
  expect(() => readBefore(path)).toThrow(says);
});

test('what is slower both alone and beside the peers is named, a busy machine is not', () => {
  const before = new Map([
    ['slower', { ms: 4, ratio: 2 }],
    ['busy', { ms: 4, ratio: 2 }],
    ['faster', { ms: 4, ratio: 2 }],
    ['gone', { ms: 4, ratio: 2 }],
  ]);
  const text = beforeText(before, [
    measured('slower', 8, 8),
    measured('busy', 8, 16),
    measured('faster', 2, 8),
    measured('new', 2, 8),
  ]);
  expect(text).toContain('Slower by more than a tenth, both alone and beside the peers: slower.');
  expect(text).toContain('Not in it: 1 queries that ran.');
  const cells = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  expect(cells.find(([, name]) => name === 'busy')?.slice(2, -1)).toEqual([
    '4.00',
    '8.00',
    '0.50x',
    '1.00x',
  ]);
  expect(cells.find(([, name]) => name === 'geometric mean')?.slice(4, -1)).toEqual([
    '0.79x',
    '1.00x',
  ]);
});

test('nothing in common is said', () => {
  expect(beforeText(new Map(), [measured('new', 2, 8)])).toContain('None of its queries ran.');
});
