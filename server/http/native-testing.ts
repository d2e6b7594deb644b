import type { Hono } from 'hono';
import { ManualClock, silentLogger } from '../../core/index.js';
import { type TestTables, testEngine } from '../../query/testing.js';
import { parseConfig } from '../config.js';
import { InFlightBytes } from '../in-flight.js';
import type { VarveNode } from '../node.js';
import { AskedQueries } from '../queries/asked-queries.js';
import { lanesOf } from '../queries/lanes.js';
import { QueryScheduler } from '../queries/scheduler.js';
import { createApp } from './app.js';

/** For tests: the HTTP API over tables in memory, of which only queries work. */
export function queryApp(tables: TestTables): Hono {
  const clock = new ManualClock(0);
  const lanes = lanesOf({ strategy: 'none' }, 9);
  const room = { maxRunning: 9, maxWaiting: 9, maxWaitMs: 9 };
  const after = () => () => undefined;
  const queries = new AskedQueries({
    scheduler: new QueryScheduler({ ...room, laneLimits: lanes.limits, after, clock }),
    lanes,
    held: new InFlightBytes(1_000_000, { what: 'answers', setting: 'heldBytes' }),
    clock,
    stopwatch: clock,
    logger: silentLogger,
    slowQueryMs: null,
  });
  const lookups = { names: () => new Map() } as unknown as VarveNode['lookups'];
  const parts: Partial<VarveNode> = {
    config: parseConfig({ insecure: true, port: 8888 }),
    logger: silentLogger,
    engine: testEngine(tables),
    queries,
    lookups,
  };
  return createApp(parts as VarveNode);
}
