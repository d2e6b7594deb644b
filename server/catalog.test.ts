import { expect, test } from 'vitest';
import { sqlCatalog } from './catalog.js';
import { DeclaredTables } from './push/declared-tables.js';

const SPEC = {
  timestampSpec: { column: 'at' },
  dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'user' }] },
  metricsSpec: [{ type: 'hyperUnique', name: 'users', fieldName: 'user' }],
  time: { arrivalColumn: 'came' },
};

test('a table that was declared has columns before it has rows', () => {
  const declared = new DeclaredTables();
  const withRows = { columns: [{ name: '__time', type: 'LONG' as const }] };
  const inventory = {
    tables: () => ['stored'],
    schema: (table: string) => (table === 'stored' ? (withRows as never) : null),
  };
  const catalog = sqlCatalog(inventory, declared, { names: () => new Map() });
  declared.restore([{ name: 'stored', versions: [SPEC], position: 0 }]);
  declared.declare('views', SPEC);
  expect([...catalog.tables()].sort()).toEqual(['stored', 'sys.dead_letters', 'views']);
  expect(catalog.schema('stored')).toBe(withRows);
  expect(catalog.schema('views')?.columns).toMatchObject([
    { name: '__time', type: 'LONG' },
    { name: 'page', type: 'STRING' },
    { name: 'user', type: 'LONG' },
    { name: 'came', type: 'LONG' },
    { name: 'users', type: 'COMPLEX<hyperUnique>' },
  ]);
  expect(catalog.schema('sys.dead_letters')?.columns[0]?.name).toBe('__time');
  expect(catalog.schema('other')).toBeNull();
  expect(declared.starTrees('views')).toBeUndefined();
  declared.declare('views', { ...SPEC, starTrees: 'none' });
  expect(declared.starTrees('views')).toEqual([]);
  expect(declared.starTrees('other')).toBeUndefined();
});
