import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CapacityError, createLogger, type Logger, ManualClock } from '../../core/index.js';
import { emptyStats, parseNativeQuery, type QueryStats } from '../../query/index.js';
import { InFlightBytes } from '../in-flight.js';
import { AskedQueries } from './asked-queries.js';
import { lanesOf } from './lanes.js';
import { QueryScheduler } from './scheduler.js';

interface Setting {
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
  readonly heldBytes?: number;
  readonly slowQueryMs?: number | null;
}

/** Queries by clocks that stand still, and what was logged of them. */
function setUp({ maxRunning = 99, maxWaiting = 99, heldBytes = 1000, slowQueryMs = 5 }: Setting) {
  const clock = new ManualClock(1000);
  const lines: Record<string, unknown>[] = [];
  const sink = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger: Logger = createLogger({ level: 'warn' }, sink);
  const lanes = lanesOf({ strategy: 'hilo', maxLowPercent: 50 }, maxRunning);
  const never = () => () => undefined;
  const limits = { maxRunning, laneLimits: lanes.limits, maxWaiting, maxWaitMs: 9, after: never };
  const held = new InFlightBytes(heldBytes, { what: 'answers', setting: 'heldBytes' });
  const scheduler = new QueryScheduler({ ...limits, clock });
  const services = { scheduler, lanes, held, clock, stopwatch: clock, logger, slowQueryMs };
  return { queries: new AskedQueries(services), clock, lines };
}

const asked = (id: string, priority = 0) => ({ id, type: 'topN', priority, askedLane: null });

/** Work that ends when the test says so, or fails when its signal is raised. */
function start(queries: AskedQueries, id: string, client?: AbortSignal) {
  let end: (value: string) => void = () => undefined;
  const seen: { signal: AbortSignal | null } = { signal: null };
  const done = queries.run(asked(id), client, (signal) => {
    seen.signal = signal;
    return new Promise<string>((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const outcome = done.catch((error: Error) => error.name);
  return { outcome, end: (value: string) => end(value), signal: () => seen.signal! };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const ids = (queries: AskedQueries) => queries.all().map(({ question }) => question.id);

describe('cancelling', () => {
  test('a query gives what its work gives, and is forgotten then', async () => {
    const { queries } = setUp({});
    const query = start(queries, 'a');
    await turn();
    expect(ids(queries)).toEqual(['a']);
    query.end('rows');
    expect(await query.outcome).toBe('rows');
    expect([ids(queries), queries.cancel('a')]).toEqual([[], false]);
    expect(query.signal().aborted).toBe(false);
  });

  test('a client that goes away cancels its query only, also where it went before', async () => {
    const { queries } = setUp({});
    const client = new AbortController();
    const mine = start(queries, 'a', client.signal);
    const other = start(queries, 'a', new AbortController().signal);
    const late = start(queries, 'a', AbortSignal.abort());
    await turn();
    client.abort();
    expect(await mine.outcome).toBe('CancelledError');
    expect(await late.outcome).toBe('CancelledError');
    expect(other.signal().aborted).toBe(false);
    other.end('rows');
    expect(await other.outcome).toBe('rows');
  });

  test('work that throws at once is forgotten too, and gives its place back', async () => {
    const { queries } = setUp({});
    const failing = queries.run(asked('a'), undefined, () => {
      throw new Error('no such table');
    });
    await expect(failing).rejects.toThrow('no such table');
    expect([ids(queries), queries.scheduler.runningCount]).toEqual([[], 0]);
  });

  type Step =
    | { readonly kind: 'start' | 'cancel'; readonly id: string }
    | { readonly kind: 'end'; readonly which: number };
  const id = fc.constantFrom('a', 'b', '__proto__');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constantFrom('start' as const, 'cancel' as const), id }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(9) }),
  );

  test('after any steps just those are there that were neither ended nor cancelled, be they queued', async () => {
    const limit = fc.constantFrom(2, 99);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), limit, async (steps, maxRunning) => {
        const { queries } = setUp({ maxRunning });
        let live: { id: string; query: ReturnType<typeof start> }[] = [];
        for (const each of steps) {
          if (each.kind === 'start') {
            live.push({ id: each.id, query: start(queries, each.id) });
          } else if (each.kind === 'end') {
            // Those that wait have nothing to end.
            const running = live.slice(0, maxRunning);
            const one = running[each.which % Math.max(1, running.length)];
            live = live.filter((other) => other !== one);
            one?.query.end('rows');
            if (one !== undefined) expect(await one.query.outcome).toBe('rows');
          } else {
            const hit = live.filter((one) => one.id === each.id);
            live = live.filter((one) => one.id !== each.id);
            expect(queries.cancel(each.id)).toBe(hit.length > 0);
            for (const { query } of hit) expect(await query.outcome).toBe('CancelledError');
          }
          await turn();
          expect(ids(queries)).toEqual(live.map((one) => one.id));
          const { runningCount, waitingCount } = queries.scheduler;
          expect(runningCount).toBe(Math.min(maxRunning, live.length));
          expect(waitingCount).toBe(live.length - runningCount);
        }
      }),
    );
  });
});

describe('what is seen', () => {
  const SPEC = {
    queryType: 'timeseries',
    dataSource: 'clicks',
    intervals: '2026/2027',
    granularity: 'hour',
    filter: { type: 'equals', column: 'user', matchValueType: 'STRING', matchValue: 'secret' },
    aggregations: [{ type: 'count', name: 'c' }],
    context: { explainMetrics: true },
  };
  const query = parseNativeQuery(SPEC);
  const statsOf = (more: Partial<QueryStats>) => ({ ...emptyStats(), ...more });

  test('the phases of a query, and their times', async () => {
    const { queries, clock } = setUp({ maxRunning: 1, slowQueryMs: null });
    const first = start(queries, 'first');
    await turn();
    const share = queries.held.share();
    const one = queries.ask({ ...asked('one', -1), share }, undefined);
    expect([one.phase, one.question.lane]).toEqual(['queue', 'low']);
    clock.advance(3);
    const stats = statsOf({ phase: 'plan' });
    const working = one.run(async () => {
      expect(one.phase).toBe('plan');
      one.onStart(query, stats);
      Object.assign(stats, { phase: 'scan', scanMs: 4, rowsScanned: 7 });
      expect([one.phase, one.tables, one.sum('rowsScanned')]).toEqual(['scan', ['clicks'], 7]);
      clock.advance(10);
      stats.mergeMs = 1;
    });
    first.end('');
    await working;
    expect(one.phase).toBe('write');
    clock.advance(20);
    const times = { queue: 3, plan: 5, scan: 4, merge: 1, write: 20, total: 33 };
    expect(one.times).toEqual(times);
    expect(one.metricsJson()).toMatchObject({
      ...{ queueMs: 3, planMs: 5, scanMs: 4, mergeMs: 1 },
      queries: [{ queryType: 'timeseries', rowsScanned: 7 }],
    });
    one.end('success');
    one.end('gone');
    clock.advance(100);
    expect(one.times).toEqual(times);
    const { totals, phases } = queries.metrics;
    // Two of this type: the first one ran until this one could.
    expect(totals.get('topN')!.cumulated().at(-1)).toBe(2);
    expect(totals.get('topN')!.sum).toBeCloseTo(0.013 + 0.033);
    expect(phases.get('topN')!.scan.sum).toBeCloseTo(0.004);
  });

  test('a slow query is logged once, without its literals', async () => {
    const { queries, clock, lines } = setUp({ slowQueryMs: 5 });
    const run = (id: string, ms: number, fails: boolean) =>
      queries.run(asked(id), undefined, async () => {
        queries.all()[0]!.onStart(query, statsOf({ rowsScanned: 9, segments: 2 }));
        clock.advance(ms);
        if (fails) throw new Error('oh');
      });
    await run('quick', 4, false);
    await run('slow', 5, false);
    await expect(run('failing', 6, true)).rejects.toThrow('oh');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      ...{ level: 40, msg: 'slow query', queryId: 'slow', type: 'topN', dataSource: ['clicks'] },
      ...{ outcome: 'success', priority: 0, lane: null, rowsScanned: 9, segments: 2 },
      times: { total: 5, plan: 5, write: 0 },
      shapes: [{ queryType: 'timeseries', conditions: [{ columns: ['user'], kind: 'in' }] }],
    });
    expect(lines[1]).toMatchObject({ queryId: 'failing', outcome: 'internal' });
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(queries.metrics.slowQueries).toBe(2);
  });

  test('of a scan what its filter reads', async () => {
    const { queries, clock, lines } = setUp({ slowQueryMs: 0 });
    const { granularity: _, aggregations: _2, ...rest } = SPEC;
    const inner = { ...rest, queryType: 'scan', columns: ['user'] };
    const outer = { ...rest, queryType: 'scan', dataSource: { type: 'query', query: inner } };
    await queries.run(asked('a'), undefined, async () => {
      queries.all()[0]!.onStart(parseNativeQuery(outer), emptyStats());
      clock.advance(1);
    });
    expect(lines[0]!.shapes).toEqual([
      {
        queryType: 'scan',
        span: { period: 'P366D', aligned: 'year' },
        conditions: [{ columns: ['user'], kind: 'in', values: 1 }],
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

describe('refusals', () => {
  test('are not counted among times, nor logged', async () => {
    const { queries, lines } = setUp({ maxRunning: 1, maxWaiting: 0, slowQueryMs: 0 });
    const first = start(queries, 'a');
    await turn();
    const second = queries.run(asked('b'), undefined, async () => 'rows');
    await expect(second).rejects.toThrow(CapacityError);
    expect([ids(queries), lines, queries.metrics.totals.size]).toEqual([['a'], [], 0]);
    expect(() => queries.checkRoom(0)).toThrow(CapacityError);
    const low = queries.run(asked('c', -1), undefined, async () => 'rows');
    await expect(low).rejects.toThrow("lane 'low'");
    first.end('');
    await first.outcome;
    expect(await queries.run(asked('b'), undefined, async () => 'rows')).toBe('rows');
  });

  test('of answers for which others leave no room; what they hold is given back in any case', async () => {
    const { queries } = setUp({ heldBytes: 100 });
    const ask = (id: string) =>
      queries.ask({ ...asked(id), share: queries.held.share() }, undefined);
    const [large, small] = [ask('large'), ask('small')];
    large.hold(500);
    expect(() => small.hold(1)).toThrow(/500 bytes of answers are under way.*raise heldBytes/);
    expect(() => queries.checkRoom(1)).toThrow(CapacityError);
    small.end({ error: new CapacityError('', 1) });
    large.end('gone');
    expect(queries.held.bytes).toBe(0);
    queries.checkRoom(1);
  });
});
