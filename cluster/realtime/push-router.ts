import { ConflictError, type JsonObject, UnavailableError } from '../../core/index.js';
import {
  declaredTable,
  discoveredSpec,
  type PushAnswer,
  type PushRequest,
  type ReplayRequest,
} from '../../ingest/index.js';
import type { PushOwner, PushTables } from '../metadata/push-tables.js';
import type { NodeClient } from '../transport/node-client.js';
import { isNotOwner, type OwnedTables, type OwnWorker } from './owned-tables.js';
import { DECLARE, HAND_OFF, PUSH, REPLAY } from './push-methods.js';
import { pushMessage, readPushAnswer, readVersion } from './push-wire.js';
import { chooseOwner, type TableOwners } from './table-owners.js';

export interface PushRouterOptions {
  readonly self: string;
  readonly owners: TableOwners;
  readonly tables: Pick<PushTables, 'assignOwner' | 'declare' | 'specs'>;
  readonly client: Pick<NodeClient, 'ask' | 'call'>;
  /** The tables of this node; null where it is no realtime node. */
  readonly own: OwnedTables | null;
  /** The URLs of realtime nodes that are alive, by name; this one is among them when it is one. */
  nodes(): ReadonlyMap<string, string>;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 60_000;

/** How often an owner that turned out not to be one is looked up again. */
const TRIES = 4;

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
      there: async (url) => {
        const answer = await this.options.client.call(
          url,
          PUSH,
          pushMessage(request),
          this.#limits(),
        );
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
      there: async (url) => readPushAnswer(await this.#ask(url, REPLAY, request)),
    });
  }

  /** Makes a table, or gives it a new spec; gives the version. */
  declare(table: string, spec: JsonObject): Promise<number> {
    return this.#atOwner(table, {
      spec: () => spec,
      here: (worker) => worker.declare(table, spec),
      there: async (url) => readVersion(await this.#ask(url, DECLARE, { table, spec })),
      declared: (version) => version,
    });
  }

  async handOff(table: string): Promise<void> {
    await this.#atOwner(table, {
      spec: null,
      here: (worker) => worker.handOff(table),
      there: async (url) => void (await this.#ask(url, HAND_OFF, { table })),
    });
  }

  async #atOwner<T>(table: string, work: OwnerWork<T>): Promise<T> {
    const { self, own, nodes, owners } = this.options;
    for (let tries = 1; ; tries++) {
      try {
        const found = await this.#ownerOf(table, work);
        if (found.version !== null && work.declared !== undefined) {
          return work.declared(found.version);
        }
        const { node } = found.owner;
        if (node === self && own !== null) return await own.run(table, work.here);
        const url = nodes().get(node);
        if (url === undefined) throw ownerIsAway(table, node);
        return await work.there(url);
      } catch (error) {
        if (!isNotOwner(error) || tries === TRIES) throw error;
        await owners.refresh();
      }
    }
  }

  /** The owner, who is chosen where there is none; `version` when the table was declared for that. */
  async #ownerOf<T>(
    table: string,
    { spec }: OwnerWork<T>,
  ): Promise<{ readonly owner: PushOwner; readonly version: number | null }> {
    const { owners, tables, nodes } = this.options;
    const known = await owners.of(table);
    if (known !== null) return { owner: known, version: null };
    const node = chooseOwner(owners.all().values(), nodes().keys());
    if (node === null) {
      throw new UnavailableError(
        `no realtime node is there to take the rows of "${table}"; start one, and send them again`,
        { table },
      );
    }
    let version: number | null = null;
    if (spec !== null && !(await tables.specs()).has(table)) {
      const json = spec();
      // Throws for a spec that is wrong.
      declaredTable(table, json);
      version = await tables.declare(table, json);
    }
    try {
      const owner = await tables.assignOwner(table, node, 0, 0);
      await owners.refresh();
      return { owner, version };
    } catch (error) {
      // Somebody else was first.
      if (!(error instanceof ConflictError)) throw error;
      await owners.refresh();
      const owner = await owners.of(table);
      if (owner === null) throw error;
      return { owner, version };
    }
  }

  #ask(url: string, method: string, message: unknown): Promise<unknown> {
    return this.options.client.ask(url, method, message, this.#limits());
  }

  #limits() {
    return { deadlineMs: this.options.deadlineMs ?? DEADLINE_MS };
  }
}

interface OwnerWork<T> {
  /** What a table is declared with that is not; null: it has to be there. */
  readonly spec: (() => JsonObject) | null;
  readonly here: (worker: OwnWorker) => Promise<T>;
  readonly there: (url: string) => Promise<T>;
  /** The answer when the work was done by declaring the table. */
  readonly declared?: (version: number) => T;
}

const ownerIsAway = (table: string, node: string): UnavailableError =>
  new UnavailableError(
    `the node "${node}", which takes the rows of "${table}", is not there; send the batch again after the time in Retry-After`,
    { table, node },
  );
