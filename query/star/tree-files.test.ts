import { beforeEach, expect, test, vi } from 'vitest';
import {
  ArenaPool,
  CorruptSegmentError,
  InternalError,
  SeededRandom,
  VarveError,
  VirtualDisk,
} from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { parseAggregator, parseGranularity } from '../../model/index.js';
import { type LoadJob, performLoad, SegmentCache, shardSpecOf } from '../../segments/index.js';
import {
  FUZZ_SECONDS,
  put,
  seeds,
  withChangedBlock,
  withOtherBlock,
  withOtherDirectory,
} from '../../segments/testing.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TableProvider } from '../tables.js';
import { sealFiles, TestTables, testEngine } from '../testing.js';

// Only against hanging.
vi.setConfig({ testTimeout: 60_000 + 10_000 * FUZZ_SECONDS });

const HOUR = 3_600_000;
const dimensions = { city: 'STRING', page: 'STRING', user: 'STRING', n: 'LONG' } as const;
const rows = Array.from({ length: 1500 }, (_, i) => ({
  __time: Math.floor((i * 6 * HOUR) / 1500),
  city: i % 7 === 0 ? null : `c${i % 5}`,
  page: `p${i % 3}`,
  user: `u${i % 300}`,
  n: i % 11,
}));
const metrics = [
  { type: 'count', name: 'count' },
  { type: 'longSum', name: 'sum', fieldName: 'n' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user' },
].map((spec) => parseAggregator(spec, ''));
const dimension = (name: string) => ({ name, skipStar: false });
const hours = { ...dimension('__time'), granularity: parseGranularity('hour', '') };
const starTrees = [
  { dimensions: [dimension('city'), dimension('page'), hours], metrics, maxLeafRecords: 2 },
];

let disk: VirtualDisk;
let path: string;

beforeEach(() => {
  disk = new VirtualDisk();
  const [file] = sealFiles(disk, { dimensions, starTrees }, [{ rows }], 2000);
  path = file!.sealed.path;
});

const COUNT = { type: 'count', name: 'c' };
const SUM = { type: 'longSum', name: 's', fieldName: 'n' };
const USERS = { type: 'hyperUnique', name: 'u', fieldName: 'user' };
const BASE = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const QUERIES = [
  { queryType: 'timeseries', aggregations: [COUNT, SUM, USERS] },
  { queryType: 'timeseries', granularity: 'hour', aggregations: [COUNT, SUM] },
  {
    queryType: 'groupBy',
    dimensions: ['city', 'page'],
    aggregations: [COUNT, USERS],
    filter: { type: 'in', dimension: 'page', values: ['p0', 'p2'] },
  },
  {
    queryType: 'topN',
    dimension: 'city',
    threshold: 3,
    metric: 's',
    aggregations: [SUM],
    filter: { type: 'selector', dimension: 'city', value: 'c1' },
  },
].map((query) => ({ ...BASE, ...query }));

const run = (tables: TableProvider, query: object) =>
  testEngine(tables).run(parseNativeQuery(query));

/** The file as the only one of a table. */
function tableOf(bytes: Uint8Array): TestTables {
  put(disk, path, bytes);
  const tables = new TestTables();
  tables.addFile('t', disk, path, shardSpecOf(undefined, 0, 1));
  return tables;
}

test('of a file those parts are loaded that a tree is read by, and no rows', async () => {
  const jobs: LoadJob[] = [];
  const load = async (job: LoadJob) => {
    jobs.push(job);
    performLoad(disk, job);
  };
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 24, scratchBytes: 1 << 19 });
  const cache = new SegmentCache({ pool, disk, load, maxBytes: 1 << 22 });
  const inMemory = tableOf(disk.readFile(path));
  const tables: TableProvider = {
    waitFor: () => inMemory.waitFor(),
    snapshot(names) {
      const snapshot = inMemory.snapshot(names);
      const parts: typeof snapshot.parts = (name, intervals) =>
        snapshot.parts(name, intervals).map((part) => ({
          ...part,
          pin: (wanted) => cache.pin(path, wanted),
          pinLoaded: (wanted) => cache.pinLoaded(path, wanted),
        }));
      return { ...snapshot, parts };
    },
  };
  const loadedBy = async (query: object): Promise<string[]> => {
    jobs.length = 0;
    const { rows: found } = await run(tables, query);
    expect(found).toEqual(
      (await run(inMemory, { ...query, context: { useStarTree: false } })).rows,
    );
    return jobs.flatMap(({ parts }) => parts.map(({ key }) => key)).sort();
  };
  const filter = { type: 'selector', dimension: 'city', value: 'c1' };
  const query = { ...BASE, queryType: 'timeseries', aggregations: [COUNT], filter };
  expect(await loadedBy(query)).toEqual(['0::__time', '0::city', '0::count', '0:starNodes:city']);
  expect(await loadedBy(query)).toEqual([]);
  expect(await loadedBy({ ...query, aggregations: [SUM] })).toEqual(['0::sum']);
  expect(await loadedBy({ ...query, context: { useStarTree: false } })).toContain(':city');
  inMemory.close();
});

test.each(['codes', 'starts', 'ends', 'firsts', 'lasts'])(
  'nodes whose %s are damaged are no answer, but an error',
  async (name) => {
    const bytes = withChangedBlock(disk.readFile(path), `star.${name}`, (content) => {
      const words = new DataView(content.buffer, content.byteOffset);
      words.setInt32(4, words.getInt32(4, true) + 100_000, true);
    });
    const tables = tableOf(bytes);
    for (const query of QUERIES) {
      await expect(run(tables, query)).rejects.toThrow(CorruptSegmentError);
      await expect(run(tables, query)).rejects.toThrow('star-tree 0 has damaged nodes');
      await run(tables, { ...query, context: { useStarTree: false } });
    }
    expect(tables.pinsHeld).toBe(0);
    tables.close();
  },
);

test(`files that hold something else, their checksums good, are answered or refused, seed ${SEED}`, async () => {
  const good = disk.readFile(path);
  const seen = { answered: 0, refused: 0 };
  for (const seed of seeds(30)) {
    const random = new SeededRandom(seed);
    const damage = seed % 3 === 0 ? withOtherDirectory : withOtherBlock;
    try {
      const tables = tableOf(damage(good, random));
      for (const query of QUERIES) await run(tables, query);
      tables.close();
      seen.answered++;
    } catch (error) {
      if (!(error instanceof VarveError) || error instanceof InternalError) {
        throw new Error(`VARVE_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
      seen.refused++;
    }
  }
  expect(seen.refused).toBeGreaterThan(0);
  expect(seen.answered).toBeGreaterThan(0);
});
