import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import {
  type LookupTable,
  lookupNamed,
  lookupTable,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import { expandedColumns } from '../expansion/sources.js';
import { toRowBlock } from '../interpreter/rows-segment.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { asLookups } from './lookup-joins.js';
import { withRights } from './right-sides.js';

const COLUMNS: readonly ColumnSchema[] = [
  { name: '__time', type: 'LONG', multiValue: false, role: 'time' },
  { name: 'page', type: 'STRING', multiValue: false, role: 'dimension' },
  { name: 'tags', type: 'STRING', multiValue: true, role: 'dimension' },
  { name: 'n', type: 'LONG', multiValue: false, role: 'dimension' },
  { name: 'x', type: 'DOUBLE', multiValue: false, role: 'dimension' },
];
const FIELDS: readonly { readonly name: string; readonly type: ValueType }[] = [
  { name: 'k', type: 'STRING' },
  { name: 'n', type: 'LONG' },
  { name: 'v', type: 'DOUBLE' },
];
const ROWS: readonly (readonly Value[])[] = [
  ['A', 1, 0.1],
  ['B', 2n ** 60n, null],
  [null, null, 1e300],
  [null, 3, -5],
];
const JOIN = { left: 't', rightPrefix: 'j.', condition: 'page == "j.k"', joinType: 'INNER' };

interface Given {
  readonly join?: JsonObject;
  readonly query?: JsonObject;
  readonly rows?: readonly (readonly Value[])[];
  readonly columns?: readonly ColumnSchema[];
  readonly side?: LookupTable;
}

/** The query of the base that a join becomes, if it does. */
function lookedUp({
  join = {},
  query = {},
  rows = ROWS,
  columns = COLUMNS,
  side,
}: Given): NativeQuery | null {
  const right = { type: 'inline', columnNames: ['k', 'n', 'v'], rows: [] };
  const parsed = parseNativeQuery({
    queryType: 'groupBy',
    dataSource: { type: 'join', ...JOIN, right, ...join },
    intervals: '1970/1971',
    granularity: 'all',
    dimensions: ['j.k'],
    aggregations: [{ type: 'doubleSum', name: 'sum', fieldName: 'j.v' }],
    ...query,
  });
  const { query: joined, rights } = withRights(parsed, [side ?? toRowBlock(FIELDS, rows)]);
  const engine = scanEngineOf(joined)!;
  const asked = engine.prepare(joined, expandedColumns(columns, joined.dataSource));
  return asLookups(asked, rights, columns, engine.inputs(asked));
}

test('a join by a key that comes once is a query of the base with columns that are looked up', () => {
  const found = lookedUp({})!;
  expect(found.dataSource).toEqual({ type: 'table', name: 't' });
  expect(found.spec).toMatchObject({
    virtualColumns: [
      {
        name: 'j.k',
        expression: expect.stringMatching(/^lookup\("page", 'j\.k@sha256:[0-9a-f]{32}'\)$/),
      },
      { name: 'j.v', expression: expect.stringMatching(/^cast\(lookup\(.*\), 'DOUBLE'\)$/) },
    ],
    filter: { type: 'not', field: { type: 'null', column: 'j.k' } },
  });
});

test('of a left join all rows stay, and only what is read is looked up', () => {
  const found = lookedUp({ join: { joinType: 'LEFT' }, query: { dimensions: ['page'] } })!;
  expect(found.spec.filter).toBeNull();
  expect(found.spec.virtualColumns).toMatchObject([{ name: 'j.v' }]);
});

test('where nothing is read of it, all its keys have one value', () => {
  const found = lookedUp({ query: { dimensions: ['page'], aggregations: [] } })!;
  const [{ name, expression }] = found.spec.virtualColumns as [Record<string, string>];
  expect(name).toBe('j.k');
  const pairs = [...lookupNamed(expression!.match(/'(.*)'/)![1]!).entries()];
  expect(pairs).toEqual([
    ['A', '1'],
    ['B', '1'],
  ]);
  expect(found.spec.filter).toEqual({ type: 'not', field: { type: 'null', column: 'j.k' } });
});

test('of a lookup by its key, whose pairs stay where they are', () => {
  const side = lookupTable([['A', 'a']]);
  const query = { dimensions: ['j.k'], aggregations: [] };
  const found = lookedUp({ side, query })!;
  const read = `lookup("page", 'j.v@sha256:${side.contentId}')`;
  expect(found.spec).toMatchObject({
    virtualColumns: [
      { name: 'j.v', expression: read },
      { name: 'j.k', expression: `if(isnull(${read}), null, "page")` },
    ],
    filter: { type: 'not', field: { type: 'null', column: 'j.v' } },
  });
  expect(lookedUp({ side, query, join: { condition: 'page == "j.v"' } })).toBeNull();
});

test.each<[string, Given]>([
  ['numbers by their digits', { join: { condition: 'n == "j.n"' }, query: { dimensions: [] } }],
  ['an expression', { join: { condition: 'concat(page, n) == "j.k"' } }],
  ['a number and a text', { join: { condition: 'n == "j.k"' } }],
])('%s are keys', (_, given) => {
  expect(lookedUp(given)).not.toBeNull();
});

test.each<[string, Given]>([
  ['a key that comes twice', { rows: [...ROWS, ['A', 7, 7]] }],
  ['a right side whose rows all come up', { join: { joinType: 'RIGHT' } }],
  ['two keys', { join: { condition: 'page == "j.k" && n == "j.n"' } }],
  ['no key', { join: { condition: '1' } }],
  ['nulls that are the same', { join: { condition: 'notdistinctfrom(page, "j.k")' } }],
  ['a text and a number, which several texts stand for', { join: { condition: 'page == "j.n"' } }],
  ['a number with a fraction', { join: { condition: 'x == "j.v"' } }],
  ['a key of several values', { join: { condition: 'tags == "j.k"' } }],
  ['a value of several texts', { rows: [[['a', 'b'], 1, 1]] }],
  ['a hidden column', { columns: [...COLUMNS, { ...COLUMNS[1]!, name: 'j.other' }] }],
  [
    'a virtual column that hides the key',
    { query: { virtualColumns: [{ type: 'expression', name: 'page', expression: "'x'" }] } },
  ],
])('not of %s', (_, given) => {
  expect(lookedUp(given)).toBeNull();
});
