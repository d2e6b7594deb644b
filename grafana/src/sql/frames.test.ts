import { describe, expect, test } from 'vitest';
import type { Answer, Cell } from './answer.js';
import { columnsFrame, type Field, tableFrame } from './frames.js';

const column = (sqlType: string, ...cells: Cell[]): Answer => ({
  columns: [{ name: 'a', sqlType }],
  rows: cells.map((cell) => [cell]),
});
const table = (answer: Answer, maxRows = 100) => tableFrame(columnsFrame(answer, maxRows));

describe('tableFrame', () => {
  test.each<[string, Cell[], Field['type'], Cell[]]>([
    ['TIMESTAMP', ['2020-01-01T00:00:00.123Z', null], 'time', [1577836800123, null]],
    ['TIMESTAMP', ['2020-01-01T01:00:00.000+01:00'], 'time', [1577836800000]],
    ['DATE', ['2020-01-01T00:00:00.000Z'], 'time', [1577836800000]],
    ['BIGINT', [1, null, -2], 'number', [1, null, -2]],
    ['DOUBLE', [1.5, 'NaN', '-Infinity', null], 'number', [1.5, Number.NaN, -1 / 0, null]],
    ['DOUBLE', ['123456789012345680000'], 'number', [123456789012345680000]],
    ['BIGINT', [1, '9223372036854775807', null], 'string', ['1', '9223372036854775807', null]],
    ['BOOLEAN', [true, null, false], 'boolean', [true, null, false]],
    ['VARCHAR', ['NaN', '', null], 'string', ['NaN', '', null]],
    ['ARRAY', ['[1,2]'], 'string', ['[1,2]']],
    ['COMPLEX<hyperUnique>', ['AQ=='], 'string', ['AQ==']],
  ])('%s %j is %s', (sqlType, cells, type, values) => {
    expect(table(column(sqlType, ...cells))).toEqual({
      fields: [{ name: 'a', type, values }],
      notices: [],
    });
  });

  test('columns without rows', () => {
    expect(table(column('BIGINT')).fields).toEqual([{ name: 'a', type: 'number', values: [] }]);
  });

  test('says so when rows are left out', () => {
    const three = column('BIGINT', 1, 2, 3);
    expect(table(three, 3).notices).toEqual([]);
    const { fields, notices } = table(three, 2);
    expect(fields[0]?.values).toEqual([1, 2]);
    expect(notices).toEqual([expect.stringContaining('Only the first 2 rows are shown')]);
  });
});
