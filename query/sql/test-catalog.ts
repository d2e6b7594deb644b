import { lookupTable, type ValueType } from '../../model/index.js';
import type { Catalog } from './catalog.js';
import type { NativeRunner } from './engine.js';

const table = (text: string) => ({
  columns: text.split(' ').map((part) => {
    const [name, type] = part.split(':') as [string, ValueType];
    return { name, type };
  }),
});

/** The tables of the tests. */
const TABLES = new Map([
  [
    'foo',
    table(
      '__time:LONG dim1:STRING dim2:STRING dim3:STRING cnt:LONG m1:FLOAT m2:DOUBLE unique_dim1:COMPLEX<hyperUnique>',
    ),
  ],
  [
    'numfoo',
    table(
      '__time:LONG dim1:STRING dim2:STRING dim3:STRING d1:DOUBLE f1:FLOAT l1:LONG cnt:LONG m1:FLOAT m2:DOUBLE',
    ),
  ],
  [
    'events',
    table('__time:LONG id:STRING j:COMPLEX<json> tags:ARRAY<STRING> nums:ARRAY<LONG> cnt:LONG'),
  ],
]);

const LOOKUPS = new Map([['country', lookupTable([['de', 'Germany']])]]);

export const TEST_CATALOG: Catalog = {
  tables: () => [...TABLES.keys()],
  schema: (name) => TABLES.get(name) ?? null,
  lookups: () => LOOKUPS,
};

/** A runner's view of tables that have no rows. */
export const EMPTY_TABLES: Pick<NativeRunner, 'snapshot' | 'awaitToken' | 'explainStarTrees'> = {
  snapshot: () => ({ parts: () => [], schema: () => null, release: () => undefined }),
  awaitToken: async () => undefined,
  explainStarTrees: () => null,
};
