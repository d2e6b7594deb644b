import { expect } from 'vitest';
import type { Partitioning } from '../segments/index.js';
import { type QueryCaches, queryCaches } from './cache/query-caches.js';
import type { NaiveQuery } from './naive-testing.js';
import { parseNativeQuery } from './native/registry.js';
import type { QueryEngine } from './query-engine.js';
import { RANDOM_TABLE } from './random-queries-testing.js';
import { spillingEngine } from './spill/spill-testing.js';
import { sharedEngine, type TestRow, TestTables, testEngine } from './testing.js';

/** For tests: one layout of the rows in segments: the answer must not depend on it. */
export interface Layout {
  readonly name: string;
  readonly tables: TestTables;
  readonly rowsPerJob: number;
  /** It is also asked of engines that keep what they find. */
  readonly withCaches?: boolean;
  /** All groups go to disk. */
  readonly spills?: true;
  /** So many other processes have the segments. */
  readonly processes?: number;
}

interface RandomLayout {
  readonly segmentOf: readonly number[];
  readonly rowsPerJob: number;
}

/** For tests: `segmentOf` has a segment (0 to 3) for each row, `rowsPerJob` cuts segments into jobs. */
export function layoutsOf(
  rows: readonly TestRow[],
  { segmentOf, rowsPerJob }: RandomLayout,
): Layout[] {
  const sorted = [...rows].sort((a, b) => a.__time - b.__time);
  const several = [0, 1, 2, 3].map((segment) => ({
    rows: rows.filter((_, i) => segmentOf[i] === segment),
  }));
  const table = (parts: readonly { rows: readonly TestRow[] }[]) =>
    new TestTables().add('t', RANDOM_TABLE, parts);
  const sealed = (parts: readonly { rows: readonly TestRow[] }[], maxRows: number) =>
    new TestTables().addSealed('t', RANDOM_TABLE, parts, maxRows);
  const inBuckets = (partitioning: Partitioning) =>
    new TestTables().addSealed('t', RANDOM_TABLE, several, 1000, partitioning);
  const target = { targetRows: 4, boundaries: null, maxRows: 6, numShards: null };
  return [
    { name: 'one segment', tables: table([{ rows }]), rowsPerJob: 1000 },
    { name: 'one sorted segment', tables: table([{ rows: sorted }]), rowsPerJob },
    { name: 'several segments', tables: table(several), rowsPerJob },
    { name: 'one file', tables: sealed(several, 1000), rowsPerJob },
    { name: 'several files', tables: sealed(several, 7), rowsPerJob: 1000, withCaches: true },
    { name: 'one file, spilled', tables: sealed(several, 1000), rowsPerJob, spills: true },
    { name: 'several segments, spilled', tables: table(several), rowsPerJob, spills: true },
    {
      name: 'of two others',
      tables: sealed(several, 7),
      rowsPerJob,
      processes: 2,
      withCaches: true,
    },
    { name: 'of three others', tables: table(several), rowsPerJob, processes: 3 },
    {
      name: 'hashed by one',
      tables: inBuckets({ ...target, type: 'hashed', dimensions: ['s'] }),
      rowsPerJob,
    },
    {
      name: 'hashed by several, one of them with lists',
      tables: inBuckets({ ...target, type: 'hashed', dimensions: ['n', 's', 'm'] }),
      rowsPerJob,
    },
    {
      name: 'ranges',
      tables: inBuckets({ ...target, type: 'range', dimensions: ['s', 'd', 'n'] }),
      rowsPerJob,
      withCaches: true,
    },
  ];
}

const intervalTexts = (query: NaiveQuery): string[] =>
  query.intervals.map(
    ([start, end]) => `${new Date(start).toISOString()}/${new Date(end).toISOString()}`,
  );

/** For tests: the rows of an answer in one layout, which are the same whether anything is known before or not. */
export async function answer(
  query: NaiveQuery,
  { tables, rowsPerJob, withCaches, spills, processes = 0 }: Layout,
) {
  const rowsOf = async (engine: QueryEngine, asked: NaiveQuery) => {
    const json = { dataSource: 't', ...asked, intervals: intervalTexts(asked) };
    const { rows } = await engine.run(parseNativeQuery(json));
    expect(tables.pinsHeld).toBe(0);
    expect(engine.heldBytes).toBe(0);
    return rows.map((row) => [...row]);
  };
  const opened = (options: { rowsPerJob: number; caches?: QueryCaches }) =>
    processes > 0 ? sharedEngine(tables, options, processes) : testEngine(tables, options);
  const plain = spills ? spillingEngine(tables, rowsPerJob) : opened({ rowsPerJob });
  const rows = await rowsOf(plain, query);
  if (!withCaches) return rows;
  const engine = opened({ rowsPerJob, caches: queryCaches(CACHES, 0) });
  // From the second time on it is kept what is found in segments.
  for (const intervals of otherIntervals(query)) await rowsOf(engine, { ...query, intervals });
  const context = { ...(query.context as object), useResultLevelCache: false };
  for (const asked of [query, query, { ...query, context }]) {
    expect(await rowsOf(engine, asked), 'with caches').toEqual(rows);
  }
  return rows;
}

const CACHES = { partialBytes: 2 ** 20, resultBytes: 2 ** 20, maxEntryBytes: 2 ** 16 };

/** Some that have rows in common with those of the query, which are in other places there. */
function otherIntervals({ intervals }: NaiveQuery): NaiveQuery['intervals'][] {
  const [[start, end] = [0, 1]] = intervals;
  const ends = intervals.map(([from, to]) => [from, Math.ceil((from + to) / 2)] as const);
  return [[[start - 10 * DAY, start - 9 * DAY], [start, end], ...intervals.slice(1)], ends];
}

const DAY = 86_400_000;
