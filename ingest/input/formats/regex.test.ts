import { expect, test } from 'vitest';
import { entityOf, readAll } from '../testing.js';
import { parseInputFormat } from './registry.js';

const regex = (settings: object) => parseInputFormat({ type: 'regex', ...settings }, 'inputFormat');

test('groups are the fields of lines that match as a whole', async () => {
  const format = regex({ pattern: '(\\S+) - "(.*?)"( .*)?', columns: ['host', 'request', 'rest'] });
  const text = 'a - "GET /"\nb - "x|y" z\n\nc - "no end\na - "GET" q\n';
  const { rows, bad } = await readAll(format, entityOf(text, [4, 13]));
  expect(rows).toEqual([
    { host: 'a', request: 'GET /', rest: null },
    { host: 'b', request: 'x|y', rest: ' z' },
    { host: 'a', request: 'GET', rest: ' q' },
  ]);
  expect(bad.map(({ input }) => input)).toEqual(['', 'c - "no end']);
  expect(bad[0]?.reason).toContain('does not match the pattern "(\\\\S+)');
});

test('without names the groups are numbered; a list delimiter makes lists; alternatives match as a whole', async () => {
  const format = regex({ pattern: '(?i)(a+)|(b[,b]*)', listDelimiter: ',' });
  const { rows, bad } = await readAll(format, entityOf('AA\nb,b\nab'));
  expect(rows).toEqual([
    { column_1: 'AA', column_2: null },
    { column_1: null, column_2: ['b', 'b'] },
  ]);
  expect(bad.length).toBe(1);
});

test('what the console asks for first: whole lines', async () => {
  const format = regex({ pattern: '(.*)', columns: ['raw'], listDelimiter: '56616469-6de2' });
  const { rows } = await readAll(format, entityOf('{"a":1}\nx,y\n'));
  expect(rows).toEqual([{ raw: '{"a":1}' }, { raw: 'x,y' }]);
});

test('fewer names than groups, and more', async () => {
  const { rows } = await readAll(regex({ pattern: '(.)(.)', columns: ['a'] }), entityOf('xy'));
  expect(rows).toEqual([{ a: 'x' }]);
  const more = await readAll(regex({ pattern: '(.).', columns: ['a', 'b'] }), entityOf('xy'));
  expect(more.rows).toEqual([{ a: 'x' }]);
});

test.each([
  [{}, 'inputFormat.pattern'],
  [{ pattern: '(' }, 'inputFormat.pattern'],
  [{ pattern: '(a)', columns: ['x', 'x'] }, '"x" stands twice'],
])('%j is refused', (settings, part) => {
  expect(() => regex(settings)).toThrow(part);
});

test('lines: every line is a record, empty ones too', async () => {
  const lines = parseInputFormat({ type: 'lines' }, 'inputFormat');
  const { rows, bytes } = await readAll(lines, entityOf('a\n\nb\r\n', [1, 3]));
  expect(rows).toEqual([{ line: 'a' }, { line: '' }, { line: 'b' }]);
  expect(bytes).toBe(6);
});
