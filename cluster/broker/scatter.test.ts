import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import {
  CorruptSegmentError,
  type JsonObject,
  SeededRandom,
  silentLogger,
  steadyClock,
  systemTimers,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { lookupTable } from '../../model/index.js';
import {
  type PartialResult,
  parseNativeQuery,
  type QueryEngine,
  type TablePart,
  type TableProvider,
} from '../../query/index.js';
import { type TestRow, TestTables, testEngine } from '../../query/testing.js';
import { segmentIdText } from '../../segments/index.js';
import { silenceOf } from '../membership/node-silence.js';
import type { PartSource } from '../serving/share-methods.js';
import { shareMethods } from '../serving/share-methods.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import type { CarriedAnswer, CarriedRequest, NodeRole } from '../transport/types.js';
import { RemotePart } from './remote-part.js';
import { placeOf } from './remote-segment.js';
import { Scatter } from './scatter.js';
import type { DataNodes } from './share-plan.js';

const SECRET = 'sixteen-letters-or-more';
const SEGMENTS = 7;
const NODES = ['h1', 'h2', 'h3'] as const;

const rows = Array.from(
  { length: 70 },
  (_, i): TestRow => ({
    __time: i * 3_600_000,
    page: ['a', 'b', null, 'ü'][i % 4]!,
    big: i % 3 === 0 ? 2n ** 60n + BigInt(i) : i,
    x: i % 5 === 0 ? -0 : i / 7,
  }),
);
const tables = new TestTables().addSealed(
  't',
  { dimensions: { page: 'STRING', big: 'LONG', x: 'DOUBLE' } },
  [{ rows }],
  rows.length / SEGMENTS,
);
const SHARDED = ['hashed', 'ranged'] as const;
const DIMENSIONS = { page: 'STRING', big: 'LONG', x: 'DOUBLE' } as const;
const dimensions = ['page'];
const hashed = { type: 'hashed', dimensions, numShards: 4, targetRows: 1 } as const;
const ranged = { type: 'range', dimensions, boundaries: null, targetRows: 9, maxRows: 20 } as const;
tables.addSealed('hashed', { dimensions: DIMENSIONS }, [{ rows }], 100, hashed);
tables.addSealed('ranged', { dimensions: DIMENSIONS }, [{ rows }], 100, ranged);
afterAll(() => tables.close());

const words = lookupTable([
  ['a', 'eins'],
  ['ü', 'zwei'],
]);
const names = new Map([['words', words]]);

const SUM = { type: 'longSum', name: 's', fieldName: 'big' };
const SUM_X = { type: 'doubleSum', name: 'x', fieldName: 'x' };
const DISTINCT = { type: 'HLLSketchBuild', name: 'd', fieldName: 'big' };
const aggregations = [{ type: 'count', name: 'c' }, SUM, SUM_X, DISTINCT];
const BASE = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const RIGHT = {
  type: 'inline',
  columnNames: ['k', 'v'],
  columnTypes: ['STRING', 'LONG'],
  rows: [
    ['a', 1],
    ['a', 2n ** 61n],
    ['z', 3],
  ],
};
const JOIN = {
  type: 'join',
  left: 't',
  right: RIGHT,
  rightPrefix: 'j.',
  condition: 'page == "j.k"',
  joinType: 'FULL',
};
const extraction = { type: 'registeredLookup', lookup: 'words', retainMissingValue: true };
const QUERIES: readonly Record<string, unknown>[] = [
  { ...BASE, queryType: 'timeseries', granularity: 'day', aggregations },
  { ...BASE, queryType: 'groupBy', dimensions: ['page'], aggregations },
  { ...BASE, queryType: 'topN', dimension: 'page', metric: 's', threshold: 2, aggregations },
  { ...BASE, queryType: 'scan', columns: ['__time', 'page', 'big', 'x'], limit: 11, offset: 3 },
  { ...BASE, queryType: 'scan', order: 'descending', limit: 9 },
  { ...BASE, queryType: 'search', query: { type: 'contains', value: 'a' } },
  { ...BASE, queryType: 'timeBoundary' },
  { ...BASE, queryType: 'segmentMetadata', merge: true, analysisTypes: ['minmax', 'cardinality'] },
  { ...BASE, queryType: 'groupBy', dataSource: JOIN, dimensions: ['j.v'], aggregations: [SUM] },
  {
    ...BASE,
    queryType: 'groupBy',
    dimensions: [{ type: 'extraction', dimension: 'page', extractionFn: extraction }],
    aggregations: [SUM],
  },
];

type Fault = 'none' | 'refuses' | 'breaks off' | 'has not' | 'is damaged' | 'is slow' | 'hangs';

/** Requests of a broker to nodes, each of which has some of the parts, and its faults. */
function cluster(
  faults: readonly Fault[],
  replicas: readonly number[],
  seed: number,
  engine: QueryEngine = testEngine(tables),
) {
  const random = new SeededRandom(seed);
  const carrier = new LocalCarrier();
  const identity = (name: string, role: NodeRole) => ({ name, incarnation: '1', roles: [role] });
  const base = { cluster: 'c', secret: SECRET, timers: systemTimers, logger: silentLogger };
  const parts = new Map<string, TablePart>();
  for (const table of ['t', ...SHARDED]) {
    const all = tables.snapshot([table]).parts(table, []);
    for (const part of all) parts.set(segmentIdText(part.id), part);
  }
  const suspected = new Set<string>();
  const asked: string[] = [];
  const wanted = new Set<string>();
  for (const [node, name] of NODES.entries()) {
    const source: PartSource = {
      async open(ref) {
        if (ref.kind !== 'segment' || faults[node] === 'has not') return null;
        const part = parts.get(ref.id)!;
        if (faults[node] === 'is damaged') throw new CorruptSegmentError('/a', 1, 'bad');
        return { part: { ...part, interval: ref.interval }, release: () => undefined };
      },
    };
    const methods = new NodeMethods({ ...base, self: identity(name, 'historical') });
    for (const method of shareMethods(source, engine.shares)) methods.add(method);
    carrier.connect(name, methods);
  }
  const faulty = {
    async send(url: string, request: CarriedRequest): Promise<CarriedAnswer> {
      asked.push(url);
      const fault = faults[NODES.indexOf(url as (typeof NODES)[number])];
      if (fault === 'refuses') return carrier.send('nobody', request);
      if (fault === 'hangs') await new Promise(() => undefined);
      if (fault === 'is slow') await new Promise((wake) => setTimeout(wake, 20));
      const answer = await carrier.send(url, request);
      return fault === 'breaks off' ? { ...answer, body: half(answer.body) } : answer;
    },
  };
  const waiting = new Set<(name: string) => void>();
  const listenForSilence = (onSilent: (name: string) => void) => {
    waiting.add(onSilent);
    return () => waiting.delete(onSilent);
  };
  const silent = new Set<string>();
  const silence = (name: string) => {
    silent.add(name);
    for (const onSilent of waiting) onSilent(name);
  };
  const nodeOf = (i: number) => ({ name: NODES[i]!, url: NODES[i]!, priority: 0 });
  const nodes: DataNodes = {
    serving: (part) => {
      wanted.add(part.place.name);
      const first = replicas[part.id.partitionNum % replicas.length]! % NODES.length;
      const all = [nodeOf(first), nodeOf((first + 1) % NODES.length)];
      return all.filter(({ name }) => !silent.has(name));
    },
    fetching: () => [],
    silenceOf: (name) => silenceOf({ listenForSilence }, name),
    suspect: (name) => suspected.add(name),
  };
  const scatter = new Scatter({
    client: new NodeClient(faulty, { ...base, self: identity('b1', 'broker') }),
    nodes,
    clock: steadyClock,
    timers: systemTimers,
    deadlineMs: 10_000,
    leastHedgeMs: random.nextUint32() % 2 === 0 ? 1 : 1000,
  });
  return { scatter, suspected, asked, wanted, waiting, silence };
}

async function* half(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece.slice(0, Math.ceil(piece.length / 2));
    return;
  }
}

const remote = (scatter: Scatter): TableProvider => ({
  snapshot: (sources) => {
    const snapshot = tables.snapshot(sources);
    const parts = (name: string) =>
      snapshot.parts(name, []).map((part) => {
        const { interval } = part;
        const ref = {
          kind: 'segment',
          id: segmentIdText(part.id),
          interval,
          stored: null,
        } as const;
        const { shardSpec, column } = part.facts!;
        const outline = { shardSpec, column: (asked: string) => column(asked) };
        return new RemotePart({ ...part, outline }, ref, placeOf(ref.id, null, null), scatter);
      });
    return { ...snapshot, parts, release: () => snapshot.release() };
  },
  waitFor: async () => undefined,
});

const fault = fc.constantFrom<Fault>(
  'none',
  'refuses',
  'breaks off',
  'has not',
  'is damaged',
  'is slow',
);
const FATAL: ReadonlySet<Fault> = new Set(['refuses', 'breaks off', 'has not', 'is damaged']);

test('whatever nodes do, an answer is that of one process, or none', async () => {
  const counts = { answered: 0, refused: 0 };
  await assertReaching(
    fc.asyncProperty(
      fc.constantFrom(...QUERIES),
      fc.array(fault, { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(2), { minLength: 1, maxLength: SEGMENTS }),
      fc.nat(),
      async (json, faults, replicas, seed) => {
        const query = parseNativeQuery(json, names);
        const { scatter } = cluster(faults, replicas, seed);
        const running = testEngine(remote(scatter)).run(query);
        const failed = NODES.map((_, i) => FATAL.has(faults[i]!));
        const lost = replicas.some((node) => failed[node % 3] && failed[(node + 1) % 3]);
        const found = await running.catch((error: unknown) => error);
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(UnavailableError);
          expect(found.message).toContain('No results found for segments[t_');
          expect(lost).toBe(true);
          counts.refused++;
          return;
        }
        const { rows } = found as { rows: unknown };
        const local = await testEngine(tables).run(query);
        expect(rows).toEqual(local.rows);
        counts.answered++;
      },
    ),
    120,
    () => {
      expect(counts.answered).toBeGreaterThan(20);
      expect(counts.refused).toBeGreaterThan(5);
    },
  );
});

/** The rows of segments that are there alone. */
function without(lost: ReadonlySet<number>): TableProvider {
  return {
    snapshot: (sources) => {
      const snapshot = tables.snapshot(sources);
      const parts = (name: string) =>
        snapshot.parts(name, []).filter(({ id }) => !lost.has(id.partitionNum));
      return { ...snapshot, parts, release: () => snapshot.release() };
    },
    waitFor: async () => undefined,
  };
}

test('where it may be partial, an answer is that of the segments that can be had, and names the others', async () => {
  let partial = 0;
  await assertReaching(
    fc.asyncProperty(
      fc.constantFrom(...QUERIES),
      fc.array(fault, { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(2), { minLength: 1, maxLength: SEGMENTS }),
      fc.nat(),
      async (json, faults, replicas, seed) => {
        const query = parseNativeQuery({ ...json, context: { returnPartialResults: true } }, names);
        const { scatter } = cluster(faults, replicas, seed);
        const { rows, stats } = await testEngine(remote(scatter)).run(query);
        const missing = new Set(stats.missing.map(({ part }) => part));
        const failed = NODES.map((_, i) => FATAL.has(faults[i]!));
        for (const part of missing) {
          const node = replicas[part % replicas.length]!;
          expect(failed[node % 3] && failed[(node + 1) % 3]).toBe(true);
        }
        expect(rows).toEqual((await testEngine(without(missing)).run(query)).rows);
        if (missing.size > 0) partial++;
      },
    ),
    120,
    () => {
      expect(partial).toBeGreaterThan(5);
    },
  );
});

test('what is missing is told once, in the words of its segment, as far as the query asks for it', async () => {
  const { scatter } = cluster(['refuses', 'refuses', 'refuses'], [0], 1);
  const query = parseNativeQuery({
    ...QUERIES[0],
    intervals: ['1970-01-01T03/1970-01-01T05', '1970-01-01T02/1970-01-01T04'],
    context: { returnPartialResults: true },
  });
  const engine = testEngine(remote(scatter));
  const { rows, stats } = await engine.run(query);
  expect(rows).toEqual([]);
  const [part] = tables.snapshot(['t']).parts('t', []);
  const itvl = '1970-01-01T02:00:00.000Z/1970-01-01T05:00:00.000Z';
  expect(stats.missing).toEqual([{ itvl, ver: part!.id.version, part: part!.id.partitionNum }]);
  expect(engine.totals.partialAnswers).toBe(1);
});

const WIDE = { ...BASE, queryType: 'groupBy', dimensions: ['big', 'page'], aggregations };

test('an answer that is cut into pieces is whole or does not count, and leaves nothing held', async () => {
  for (const faults of [
    ['none', 'none', 'none'],
    ['breaks off', 'none', 'none'],
    ['is slow', 'none', 'is slow'],
  ] as const) {
    const nodes = testEngine(tables);
    const { scatter } = cluster(faults, [0, 1, 2], 2, nodes);
    const broker = testEngine(remote(scatter));
    const query = parseNativeQuery(WIDE);
    expect((await broker.run(query)).rows).toEqual((await testEngine(tables).run(query)).rows);
    await new Promise((wake) => setTimeout(wake, 30));
    expect([broker.heldBytes, nodes.heldBytes]).toEqual([0, 0]);
  }
});

test('what comes of shares is counted while it comes, and so is what nodes have to send', async () => {
  const query = parseNativeQuery({ ...WIDE, context: { maxQueryBytes: 4000 } });
  const nodes = testEngine(tables);
  const { scatter } = cluster(['none', 'none', 'none'], [0, 1, 2], 2, nodes);
  const broker = testEngine(remote(scatter));
  await expect(broker.run(query)).rejects.toThrow(/maxQueryBytes = 4000/);
  expect([broker.heldBytes, nodes.heldBytes]).toEqual([0, 0]);
});

test('a scan that has its rows waits for nobody else', async () => {
  const scan = { ...BASE, queryType: 'scan', columns: ['big'], limit: 5 };
  const { scatter, asked } = cluster(['none', 'hangs', 'none'], [2, 1, 1, 1, 1, 1, 1], 1);
  const query = parseNativeQuery(scan);
  const { rows } = await testEngine(remote(scatter)).run(query);
  expect(rows).toEqual((await testEngine(tables).run(query)).rows);
  expect(asked).toContain('h2');
});

test('a node that falls silent is waited for no more: others are asked, or its parts are missing', async () => {
  const { scatter, asked, waiting, silence } = cluster(['hangs', 'hangs', 'none'], [0, 1], 1);
  const partial = { ...QUERIES[0], context: { returnPartialResults: true } };
  const running = testEngine(remote(scatter)).run(parseNativeQuery(partial));
  for (const name of ['h2', 'h1']) {
    await vi.waitFor(() => expect(asked).toContain(name));
    silence(name);
  }
  const { stats } = await running;
  const missing = new Set(stats.missing.map(({ part }) => part % 2));
  // Those of h2 are had by h3 too.
  expect(missing).toEqual(new Set([0]));
  expect(waiting.size).toBe(0);
});

test('what comes while somebody looks at what came before is not forgotten', async () => {
  const { scatter } = cluster(['none', 'none', 'none'], [0, 1, 2], 1);
  const parts = remote(scatter).snapshot(['t']).parts('t', []);
  const limits = { maxGroups: 100, maxRows: 100 };
  const share = { query: QUERIES[0] as JsonObject, types: [], rights: [], lookups: [], limits };
  const intake = { take: async (p: PartialResult) => p, drop: () => undefined, onLost: null };
  const seen = [];
  const signal = new AbortController().signal;
  for await (const found of scatter.scan(share, parts, intake, signal)) {
    seen.push(...found.parts);
    await new Promise((wake) => setTimeout(wake, 100));
  }
  expect(seen.sort()).toEqual(parts.map((_, i) => i));
});

const page = fc.constantFrom('a', 'b', 'ü', 'zz', null);
const equals = page.map((value) => ({ type: 'selector', dimension: 'page', value }));
const filter = fc.oneof(
  equals,
  fc.array(page, { maxLength: 3 }).map((values) => ({ type: 'in', dimension: 'page', values })),
  page.map((lower) => ({ type: 'bound', dimension: 'page', lower: lower ?? '' })),
  equals.map((field) => ({ type: 'not', field })),
  equals.map((field) => ({ type: 'selector', dimension: 'nowhere', value: field.value })),
);

test('segments whose shard spec leaves out all rows of a filter are not asked for, and the answer is the same', async () => {
  let spared = 0;
  await assertReaching(
    fc.asyncProperty(
      fc.constantFrom(...QUERIES.filter(({ dataSource }) => dataSource === 't')),
      fc.constantFrom(...SHARDED),
      filter,
      async (json, dataSource, filter) => {
        const ask = async (secondaryPartitionPruning: boolean) => {
          const context = { secondaryPartitionPruning };
          const described = json.queryType === 'segmentMetadata' ? {} : { filter };
          const query = parseNativeQuery({ ...json, ...described, dataSource, context }, names);
          const { scatter, wanted } = cluster(['none', 'none', 'none'], [0, 1, 2], 1);
          const { rows } = await testEngine(remote(scatter)).run(query);
          expect(rows).toEqual((await testEngine(tables).run(query)).rows);
          return { rows, count: wanted.size };
        };
        const [all, some] = [await ask(false), await ask(true)];
        expect(some.rows).toEqual(all.rows);
        if (some.count < all.count) spared++;
      },
    ),
    60,
    () => {
      expect(spared).toBeGreaterThan(10);
    },
  );
});

test('an error of the query itself is thrown as it is, and no other node is asked', async () => {
  const { scatter, suspected } = cluster(['none', 'none', 'none'], [0], 1);
  const limits = { maxGroups: 2 };
  const query = parseNativeQuery({ ...QUERIES[1], dimensions: ['big'] });
  await expect(testEngine(remote(scatter), { limits }).run(query)).rejects.toThrow(/groups/);
  expect(suspected.size).toBe(0);
});

test('a node that cannot be reached is suspected, and lookups it lacks are sent', async () => {
  const { scatter, suspected } = cluster(['refuses', 'none', 'none'], [0], 1);
  const query = parseNativeQuery(QUERIES.at(-1)!, names);
  expect((await testEngine(remote(scatter)).run(query)).rows).toHaveLength(4);
  expect([...suspected]).toEqual(['h1']);
});

test('a query that is cancelled stops asking', async () => {
  const { scatter } = cluster(['is slow', 'is slow', 'is slow'], [0], 1);
  const stop = new AbortController();
  const running = testEngine(remote(scatter)).run(parseNativeQuery(QUERIES[0]!), {
    signal: stop.signal,
  });
  stop.abort(new UserError('enough'));
  await expect(running).rejects.toThrow('enough');
});
