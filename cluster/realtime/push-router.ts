import {
  ConflictError,
  type JsonObject,
  NotFoundError,
  pause,
  type Timers,
  UnavailableError,
} from '../../core/index.js';
import {
  declaredTable,
  discoveredSpec,
  type EngineStats,
  type PushAnswer,
  type PushRequest,
  type ReplayRequest,
} from '../../ingest/index.js';
import type { NodeSilence } from '../membership/node-silence.js';
import type { PushTables } from '../metadata/push-tables.js';
import type { NodeClient } from '../transport/node-client.js';
import { isNotOwner, type OwnedTables, type OwnWorker } from './owned-tables.js';
import { DECLARE, HAND_OFF, PUSH, PUSH_STATS, REPLAY } from './push-methods.js';
import { addStats } from './push-stats.js';
import { pushMessage, readPushAnswer, readStats, readVersion } from './push-wire.js';
import { chooseOwner, type TableOwners } from './table-owners.js';

export interface PushRouterOptions {
  readonly self: string;
  readonly owners: TableOwners;
  readonly tables: Pick<PushTables, 'assignOwner' | 'specs'>;
  readonly client: Pick<NodeClient, 'ask' | 'call'>;
  /** The tables of this node; null where it is no realtime node. */
  readonly own: OwnedTables | null;
  /** The URLs of realtime nodes that are alive, by name; this one is among them when it is one. */
  nodes(): ReadonlyMap<string, string>;
  /** See `silenceOf`. */
  silenceOf(node: string): NodeSilence;
  readonly timers: Timers;
  /** Has queries of this node see what was declared. */
  onDeclared(): Promise<void>;
  /** Raised when this node ends. */
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 60_000;

/** How often an owner that turned out not to be one, or leaves, is looked up again; each time later. */
const TRIES = 8;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;

/**
 * Takes pushes at any node and brings them to the owner of the table, once: where it is not known whether the owner took a
 * batch, the client is told, and nobody else is asked. The owner's answers and errors come back as they are.
 */
export class PushRouter {
  constructor(private readonly options: PushRouterOptions) {}

  push(request: PushRequest): Promise<PushAnswer> {
    const { table } = request;
    return this.#atOwner(table, {
      spec: () => discoveredSpec(table, request),
      here: (worker) => worker.push(request),
      there: async (url, signal) => {
        const message = pushMessage(request);
        const answer = await this.options.client.call(url, PUSH, message, this.#limits(signal));
        for await (const _ of answer.frames);
        return readPushAnswer(answer.message);
      },
    });
  }

  /** Pushes dead letters of a table again. */
  replay(request: ReplayRequest): Promise<PushAnswer> {
    return this.#atOwner(request.table, {
      spec: null,
      here: (worker) => worker.replay(request),
      there: async (url, signal) => readPushAnswer(await this.#ask(url, REPLAY, request, signal)),
    });
  }

  /** Makes a table, or gives it a new spec; gives the version. */
  async declare(table: string, spec: JsonObject): Promise<number> {
    const version = await this.#atOwner(table, {
      spec: () => spec,
      here: (worker) => worker.declare(table, spec),
      there: async (url, signal) =>
        readVersion(await this.#ask(url, DECLARE, { table, spec }, signal)),
    });
    await this.options.onDeclared();
    return version;
  }

  async handOff(table: string): Promise<void> {
    await this.#atOwner(table, {
      spec: null,
      here: (worker) => worker.handOff(table),
      there: async (url, signal) => void (await this.#ask(url, HAND_OFF, { table }, signal)),
    });
  }

  /** Of all realtime nodes; one that does not answer is left out. */
  async stats(): Promise<EngineStats> {
    const { self, own, nodes } = this.options;
    const answers = await Promise.allSettled(
      [...nodes()].map(async ([node, url]) =>
        node === self && own !== null
          ? own.stats()
          : readStats(await this.#ask(url, PUSH_STATS, null)),
      ),
    );
    return addStats(answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])));
  }

  async #atOwner<T>(table: string, work: OwnerWork<T>): Promise<T> {
    const { self, own, nodes, owners, timers, signal } = this.options;
    for (let tries = 1; ; tries++) {
      try {
        const node = await this.#ownerOf(table, work);
        if (node === self && own !== null) return await own.run(table, work.here);
        const url = nodes().get(node);
        if (url !== undefined) return await this.#there(node, url, work);
        await owners.refresh();
        if ((await owners.of(table)).node === node) throw ownerIsAway(table, node);
      } catch (error) {
        if (!isNotOwner(error) || tries === TRIES) throw error;
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
        await pause(timers, pauseMs, signal);
        await owners.refresh();
      }
    }
  }

  /** Waits for an answer as long as the node lives. */
  async #there<T>(node: string, url: string, { there }: OwnerWork<T>): Promise<T> {
    const { signal, end } = this.options.silenceOf(node);
    try {
      return await there(url, signal);
    } catch (error) {
      throw signal.aborted && error === signal.reason ? isNotKnown(node, error) : error;
    } finally {
      end();
    }
  }

  /** The owner, who is chosen where there is none. */
  async #ownerOf<T>(table: string, { spec }: OwnerWork<T>): Promise<string> {
    const { owners, tables, nodes } = this.options;
    const known = await owners.of(table);
    if (known.node !== null) return known.node;
    const node = chooseOwner(owners.all().values(), nodes().keys());
    if (node === null) {
      throw new UnavailableError(
        `no realtime node is there to take the rows of "${table}"; start one, and send them again`,
        { table },
      );
    }
    if (!(await tables.specs()).has(table)) {
      if (spec === null) throw notThere(table);
      // Throws for a spec that is wrong: then nothing is left of it.
      declaredTable(table, spec());
    }
    try {
      await tables.assignOwner(table, node, known.epoch);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Somebody else was first.
    }
    await owners.refresh();
    return (await owners.of(table)).node ?? node;
  }

  #ask(url: string, method: string, message: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.options.client.ask(url, method, message, this.#limits(signal));
  }

  #limits(signal?: AbortSignal) {
    const deadlineMs = this.options.deadlineMs ?? DEADLINE_MS;
    return signal === undefined ? { deadlineMs } : { deadlineMs, signal };
  }
}

interface OwnerWork<T> {
  /** What a table is declared with that is not; null: it has to be there. */
  readonly spec: (() => JsonObject) | null;
  readonly here: (worker: OwnWorker) => Promise<T>;
  /** The signal is raised when the node is lost. */
  readonly there: (url: string, signal: AbortSignal) => Promise<T>;
}

const notThere = (table: string): NotFoundError =>
  new NotFoundError(
    `there is no push table ${table}; declare it by PUT /v1/tables/${encodeURIComponent(table)}`,
    { table },
  );

const isNotKnown = (node: string, cause: unknown): UnavailableError =>
  new UnavailableError(
    `the node "${node}" was lost while it was asked, and what it did is not known; send the request again`,
    { node },
    cause,
  );

const ownerIsAway = (table: string, node: string): UnavailableError =>
  new UnavailableError(
    `the node "${node}", which takes the rows of "${table}", is not there; send the batch again after the time in Retry-After`,
    { table, node },
  );
