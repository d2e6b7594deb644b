import { CapacityError, type Clock, type Logger } from '../../core/index.js';
import type { InFlightBytes } from '../in-flight.js';
import { AskedQuery, type Outcome, type Question } from './asked-query.js';
import type { Lanes } from './lanes.js';
import { QueryMetrics } from './query-metrics.js';
import type { QueryScheduler } from './scheduler.js';
import { slowQueryLine } from './slow-query.js';

export interface AskedQueriesOptions {
  readonly scheduler: QueryScheduler;
  readonly lanes: Lanes;
  /** Of bodies and answers. */
  readonly held: InFlightBytes;
  readonly clock: Clock;
  /** Never goes back. */
  readonly stopwatch: Clock;
  readonly logger: Logger;
  /** Queries that take as long are logged; null: none. */
  readonly slowQueryMs: number | null;
}

/** What the context of a query says of it, and its kind. */
export type Asked = Omit<Question, 'lane'> & { readonly askedLane: string | null };

/** The queries that were asked and have not ended: who may run, under which ids they are cancelled, and what they took. */
export class AskedQueries {
  readonly metrics = new QueryMetrics();
  readonly #all = new Set<AskedQuery>();

  constructor(private readonly options: AskedQueriesOptions) {}

  get scheduler(): QueryScheduler {
    return this.options.scheduler;
  }

  get lanes(): Lanes {
    return this.options.lanes;
  }

  /** Of bodies and answers. */
  get held(): InFlightBytes {
    return this.options.held;
  }

  /** In the order in which they were asked. */
  all(): AskedQuery[] {
    return [...this.#all];
  }

  /** Throws CapacityError where there is no room for another query, be it as small as `bodyBytes`. */
  checkRoom(bodyBytes: number): void {
    this.options.scheduler.checkRoom();
    this.options.held.checkRoom(bodyBytes);
  }

  /** A query begins, for a client that may go away; call `end` of it. */
  ask({ askedLane, ...question }: Asked, client: AbortSignal | undefined): AskedQuery {
    const { scheduler, lanes, clock, stopwatch } = this.options;
    const lane = lanes.laneOf(question.priority, askedLane);
    const onEnd = (ended: AskedQuery, outcome: Outcome) => this.#ended(ended, outcome);
    const services = { scheduler, stopwatch, onEnd };
    const query = new AskedQuery({ ...question, lane }, clock.nowMs(), services, client);
    this.#all.add(query);
    return query;
  }

  /** A query whose answer is not sent as such. */
  async run<T>(
    asked: Omit<Asked, 'share'>,
    client: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const query = this.ask({ ...asked, share: this.held.share() }, client);
    try {
      const answer = await query.run(work);
      query.end('success');
      return answer;
    } catch (error) {
      query.end({ error });
      throw error;
    }
  }

  /** Cancels every query with this id: ids need not be unique. False when there is none. */
  cancel(id: string): boolean {
    const found = this.all().filter(({ question }) => question.id === id);
    for (const query of found) query.cancel();
    return found.length > 0;
  }

  #ended(query: AskedQuery, outcome: Outcome): void {
    this.#all.delete(query);
    // What was refused took no time that tells anything.
    if (typeof outcome === 'object' && outcome.error instanceof CapacityError) return;
    const { times } = query;
    this.metrics.add(query.question.type, times);
    const { slowQueryMs, logger } = this.options;
    if (slowQueryMs === null || times.total < slowQueryMs) return;
    this.metrics.slowQueries++;
    logger.warn(slowQueryLine(query, times, outcome), 'slow query');
  }
}
