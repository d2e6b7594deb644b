import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { ETERNITY, type Filter, parseFilter, TRUE } from '../../model/index.js';
import { attachSegment, type Partitioning, type ShardSpec } from '../../segments/index.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TablePart } from '../tables.js';
import { type TestRow, TestTables } from '../testing.js';
import { prune } from './prune.js';

const text = fc.constantFrom('a', 'b', 'c', 'd', '');
const rows: fc.Arbitrary<TestRow[]> = fc.array(
  fc.record({
    __time: fc.nat(3),
    a: fc.option(text),
    b: fc.option(text),
    tags: fc.oneof(text, fc.uniqueArray(text, { minLength: 2, maxLength: 3 })),
    n: fc.option(fc.nat(12)),
  }),
  { minLength: 1, maxLength: 30 },
);

const value = fc.oneof(text, fc.constantFrom('1', '11', '2'));
const dimension = fc.constantFrom('a', 'a', 'b', 'b', 'tags', 'n', 'missing');
const leaf = fc.oneof(
  fc.record({ type: fc.constant('selector'), dimension, value: fc.option(value) }),
  fc.record({ type: fc.constant('in'), dimension, values: fc.array(value, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('bound'), dimension, lower: value }),
  fc.record({ type: fc.constant('bound'), dimension, upper: value, upperStrict: fc.boolean() }),
);
const filter: fc.Arbitrary<JsonObject> = fc.letrec<{ any: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    leaf,
    fc.record({
      type: fc.constantFrom('and', 'and', 'or'),
      fields: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('not'), field: tie('any') }),
  ),
})).any;

const names = fc.constantFrom(['a'], ['a', 'b'], ['b', 'a'], ['n', 'a'], ['missing', 'b']);
const partitioning: fc.Arbitrary<Partitioning> = fc.oneof(
  fc.record({
    type: fc.constant('hashed' as const),
    dimensions: fc.oneof(names, fc.constantFrom([], ['tags'], ['a', 'tags'])),
    numShards: fc.integer({ min: 2, max: 6 }),
    targetRows: fc.constant(1),
  }),
  fc.record({
    type: fc.constant('range' as const),
    dimensions: names,
    boundaries: fc.constant(null),
    targetRows: fc.integer({ min: 1, max: 5 }),
    maxRows: fc.constant(8),
  }),
);

const DIMENSIONS = { a: 'STRING', b: 'STRING', tags: 'STRING', n: 'LONG' } as const;

const planOf = (json: JsonObject, parts: readonly TablePart[], context: JsonObject = {}) =>
  prune(
    parseNativeQuery({
      queryType: 'scan',
      dataSource: 't',
      intervals: ['1970/1971'],
      filter: json,
      context,
    }),
    parts,
    new Map(),
  );

async function hasMatch(part: TablePart, parsed: Filter): Promise<boolean> {
  const { handle, release } = await part.pin({ columns: 'all', indexes: [] });
  const cursor = attachSegment(handle).cursor();
  const predicate = parsed.predicate(cursor);
  let found = false;
  for (cursor.row = 0; cursor.row < cursor.rowCount; cursor.row++) {
    if (predicate() === TRUE) found = true;
  }
  release();
  return found;
}

/** As one who has the metadata alone sees it: the shard spec, and the types of columns. */
function outlined({ facts, ...part }: TablePart): TablePart {
  const { shardSpec } = facts!;
  return { ...part, facts: null, outline: { shardSpec, column: (name) => facts!.column(name) } };
}

test('a part that is ruled out has no row that matches', async () => {
  const counts = { ruledOut: 0, byShardAlone: 0 };
  await assertReaching(
    fc.asyncProperty(rows, partitioning, fc.array(filter), async (data, spec, filters) => {
      const tables = new TestTables();
      tables.addSealed('t', { dimensions: DIMENSIONS }, [{ rows: data }], 100, spec);
      const snapshot = tables.snapshot(['t']);
      const parts = snapshot.parts('t', [ETERNITY]);
      for (const json of filters) {
        const parsed = parseFilter(json);
        const byShard = planOf(json, parts.map(outlined));
        const unpruned = planOf(json, parts, { secondaryPartitionPruning: false });
        expect(unpruned.some(({ facts }) => facts.excluded)).toBe(false);
        for (const [i, { part, facts }] of planOf(json, parts).entries()) {
          if (facts.excluded) counts.ruledOut++;
          if (byShard[i]!.facts.excluded) counts.byShardAlone++;
          if (!facts.excluded && !byShard[i]!.facts.excluded) continue;
          expect(await hasMatch(part, parsed)).toBe(false);
        }
      }
      snapshot.release();
      tables.close();
    }),
    150,
    () => {
      expect(counts.ruledOut).toBeGreaterThan(300);
      expect(counts.byShardAlone).toBeGreaterThan(100);
    },
  );
});

const column = (multiValue = false) => ({
  name: 'x',
  type: 'STRING' as const,
  multiValue,
  role: 'dimension' as const,
  stats: { cardinality: 9, min: 'a', max: 'z', hasNulls: true, sizeBytes: 1 },
});

function isRuledOut(shardSpec: ShardSpec, json: JsonObject, multiValue = false): boolean {
  const part: TablePart = {
    id: { dataSource: 't', interval: ETERNITY, version: 'v', partitionNum: 0 },
    interval: ETERNITY,
    minTimeMs: 0,
    maxTimeMs: 0,
    rowCount: 1,
    facts: { shardSpec, column: () => column(multiValue), indexes: () => [], trees: [] },
    pin: () => Promise.reject(new Error('no column is read')),
  };
  return planOf(json, [part])[0]!.facts.excluded;
}

const equal = (name: string, text: string | null) => ({
  type: 'selector',
  dimension: name,
  value: text,
});
const all = (...fields: JsonObject[]) => ({ type: 'and', fields });

test.each([
  [all(equal('c', 'de'), equal('p', 'a')), true],
  [all(equal('c', 'de'), equal('p', 'm')), false],
  [all(equal('c', 'fr'), equal('p', 'b')), false],
  [all(equal('c', 'fr'), equal('p', 'c')), true],
  [equal('p', 'c'), false],
  [equal('c', null), true],
  [equal('c', 'ge'), true],
  [{ type: 'in', dimension: 'c', values: ['aa', 'zz', null] }, true],
  [{ type: 'bound', dimension: 'c', lower: 'fr', lowerStrict: true }, true],
  [all(equal('c', 'fr'), equal('p', null)), false],
])('tuples from (de, m) to (fr, c): %j is ruled out: %j', (json, expected) => {
  const range: ShardSpec = {
    type: 'range',
    dimensions: ['c', 'p'],
    start: ['de', 'm'],
    end: ['fr', 'c'],
    partitionNum: 1,
    numCorePartitions: 3,
  };
  expect(isRuledOut(range, json)).toBe(expected);
});

test('a hash rules out what is named by value in every partition dimension, lists excepted', () => {
  const bucket = (bucketId: number): ShardSpec => ({
    type: 'hashed',
    bucketId,
    numBuckets: 16,
    partitionDimensions: ['c', 'p'],
    partitionFunction: 'murmur3_32_abs',
    partitionNum: bucketId,
    partitions: 16,
  });
  const kept = (json: JsonObject, multiValue = false) =>
    Array.from({ length: 16 }, (_, i) => i).filter((i) => !isRuledOut(bucket(i), json, multiValue));
  const both = all(equal('c', 'de'), equal('p', 'm'));
  expect(kept(both)).toHaveLength(1);
  expect(kept(both, true)).toHaveLength(16);
  expect(kept(equal('c', 'de'))).toHaveLength(16);
  const several = all({ type: 'in', dimension: 'c', values: ['de', 'fr'] }, equal('p', null));
  expect(kept(several).length).toBeLessThanOrEqual(2);
});
