import { type Logger, steadyClock, systemClock } from '../../core/index.js';
import type { Config } from '../config.js';
import { InFlightBytes } from '../in-flight.js';
import { AskedQueries } from './asked-queries.js';
import { lanesOf } from './lanes.js';
import { QueryScheduler } from './scheduler.js';

/** As many for each worker, so that short queries take turns with long ones rather than wait for their end. */
const RUNNING_PER_WORKER = 4;
const LEAST_RUNNING = 16;

/** The queries of a server with so many workers, none to begin with. */
export function openQueries({ query }: Config, workers: number, logger: Logger): AskedQueries {
  const { maxWaiting, maxWaitMs, heldBytes } = query.scheduler;
  const maxRunning =
    query.scheduler.maxRunning ?? Math.max(LEAST_RUNNING, RUNNING_PER_WORKER * workers);
  const lanes = lanesOf(query.scheduler.lanes, maxRunning);
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const laneLimits = lanes.limits;
  const limits = { maxRunning, laneLimits, maxWaiting, maxWaitMs };
  return new AskedQueries({
    scheduler: new QueryScheduler({ ...limits, clock: steadyClock, after }),
    lanes,
    held: new InFlightBytes(heldBytes, {
      what: 'queries and answers',
      setting: 'query.scheduler.heldBytes',
    }),
    clock: systemClock,
    stopwatch: steadyClock,
    logger,
    slowQueryMs: query.slowQueryMs,
  });
}
