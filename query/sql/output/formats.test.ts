import { expect, test } from 'vitest';
import { type FormatOptions, formatRows, parseResultFormat, type SqlRows } from './formats.js';

const RESULT: SqlRows = {
  timeZone: 'UTC',
  stringifyArrays: true,
  columns: [
    { name: 't', type: 'TIMESTAMP' },
    { name: 's', type: 'VARCHAR' },
    { name: 'n', type: 'BIGINT' },
    { name: 'd', type: 'DOUBLE' },
    { name: 'f', type: 'FLOAT' },
    { name: 'b', type: 'BOOLEAN' },
    { name: 'a', type: 'BIGINT ARRAY' },
  ],
  rows: [
    [0, 'x"y', 2n ** 62n, 5, Math.fround(0.1), 1, [1, null]],
    [null, ['p', 'q'], null, Number.NaN, null, 0, null],
  ],
};

const body = (result: SqlRows, options: Partial<FormatOptions>): string =>
  [
    ...formatRows(result, {
      resultFormat: 'object',
      header: false,
      typesHeader: false,
      sqlTypesHeader: false,
      ...options,
    }).chunks,
  ].join('');

const ROWS = [
  '["1970-01-01T00:00:00.000Z","x\\"y",4611686018427387904,5.0,0.1,true,"[1,null]"]',
  '[null,"[\\"p\\",\\"q\\"]",null,"NaN",null,false,null]',
];

test('array', () => {
  expect(body(RESULT, { resultFormat: 'array' })).toBe(`[${ROWS.join(',')}]\n`);
});

test('arrayLines end in a blank line', () => {
  expect(body(RESULT, { resultFormat: 'arrayLines' })).toBe(`${ROWS.join('\n')}\n\n`);
  expect(body({ ...RESULT, rows: [] }, { resultFormat: 'arrayLines' })).toBe('\n');
});

test('csv quotes what needs it', () => {
  expect(body(RESULT, { resultFormat: 'csv', header: true })).toBe(
    't,s,n,d,f,b,a\n1970-01-01T00:00:00.000Z,"x""y",4611686018427387904,5.0,0.1,true,"[1,null]"\n,"[""p"",""q""]",,NaN,,false,\n\n',
  );
  const single = {
    ...RESULT,
    columns: [{ name: 's', type: 'VARCHAR' } as const],
    rows: [[null], ['a']],
  };
  expect(body(single, { resultFormat: 'csv' })).toBe('""\na\n\n');
});

const small: SqlRows = {
  timeZone: 'America/Los_Angeles',
  stringifyArrays: false,
  columns: [
    { name: 't', type: 'DATE' },
    { name: 'a', type: 'VARCHAR ARRAY' },
  ],
  rows: [[0, ['x']]],
};

test('the zone of times and arrays as arrays', () => {
  expect(body(small, {})).toBe('[{"t":"1969-12-31T16:00:00.000-08:00","a":["x"]}]\n');
});

const empty = { ...small, rows: [] };

test.each([
  [{ header: true }, '[{"t":null,"a":null}]\n'],
  [{ header: true, typesHeader: true }, '[{"t":{"type":"LONG"},"a":{"type":"ARRAY<STRING>"}}]\n'],
  [{ header: true, sqlTypesHeader: true }, '[{"t":{"sqlType":"DATE"},"a":{"sqlType":"ARRAY"}}]\n'],
  [
    { header: true, typesHeader: true, sqlTypesHeader: true, resultFormat: 'array' },
    '[["t","a"],["LONG","ARRAY<STRING>"],["DATE","ARRAY"]]\n',
  ],
  [{ typesHeader: true }, '[]\n'],
] as const)('header rows %j', (options, expected) => {
  expect(body(empty, options)).toBe(expected);
});

test('the format of a request', () => {
  expect(parseResultFormat('OBJECTLINES')).toBe('objectLines');
  expect(parseResultFormat(undefined)).toBe('object');
  expect(() => parseResultFormat('xml')).toThrow(
    'resultFormat: unknown format [xml]; use one of object, array',
  );
});
