import { type Clock, inPieces, inTurns, type Logger, Pace, type Turns } from '../../core/index.js';
import { SEGMENT_ORDERS, SEGMENT_STATE, type ToldState } from '../historical/historical-methods.js';
import type { NodeRecord } from '../membership/node-record.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { RetentionRules } from '../retention/retention-rules.js';
import type { NodeClient } from '../transport/node-client.js';
import type {
  ClusterState,
  KnownSegment,
  Order,
  QueuedOrder,
  ServerState,
} from './cluster-state.js';
import type { ClusterLink } from './coordinator-loop.js';
import type { CoordinatorSettings } from './coordinator-settings.js';

export interface HistoricalLinkOptions {
  readonly client: Pick<NodeClient, 'ask'>;
  /** Historicals that live. */
  readonly historicals: () => readonly NodeRecord[];
  /** Published segments that count and have a file. */
  readonly used: () => Iterable<StoredSegment>;
  readonly rules: Pick<RetentionRules, 'all'>;
  readonly settings: Pick<CoordinatorSettings, 'config'>;
  readonly epoch: () => number | null;
  readonly nowMs: () => number;
  /** Tells when others are to have their turn. */
  readonly steadyClock: Clock;
  readonly logger: Logger;
  /** For one question or order. */
  readonly deadlineMs: number;
}

/** A used segment, with what the metadata say of it. */
interface UsedSegment extends KnownSegment {
  readonly stored: StoredSegment;
}

interface Told {
  readonly node: NodeRecord;
  readonly told: ToldState;
}

/** How the leader hears of historicals and is heard there: it asks each of them, in every round. */
export class HistoricalLink implements ClusterLink {
  #used: ReadonlyMap<string, UsedSegment> = new Map();
  readonly #signal = new AbortController().signal;
  /** What historicals told last, by name. */
  readonly told = new Map<string, ToldState>();

  constructor(private readonly options: HistoricalLinkOptions) {}

  epoch(): number | null {
    return this.options.epoch();
  }

  async read(): Promise<ClusterState> {
    const { historicals, rules, settings, nowMs, steadyClock } = this.options;
    const [states, config, byTable] = await Promise.all([
      Promise.all(historicals().map((node) => this.#stateOf(node))),
      settings.config(),
      rules.all(),
    ]);
    // Read last: what a node has loaded meanwhile counts.
    this.#used = await inTurns(this.#readUsed(), steadyClock, this.#signal);
    const servers = await inTurns(this.#servers(states), steadyClock, this.#signal);
    return { nowMs: nowMs(), servers, used: this.#used, rules: byTable, config };
  }

  async send(server: string, epoch: number, orders: readonly Order[]): Promise<void> {
    const { client, historicals, deadlineMs } = this.options;
    const node = historicals().find(({ name }) => name === server);
    if (node === undefined) return;
    const wire = orders.flatMap(({ kind, segment: { idText: id } }) => {
      if (kind === 'drop' || kind === 'cancel') return { kind: 'drop', id, segment: null };
      const segment = this.#used.get(id)?.stored;
      return segment === undefined ? [] : { kind: 'load', id, segment };
    });
    await client.ask(node.url, SEGMENT_ORDERS, { epoch, orders: wire }, { deadlineMs });
  }

  /** Null for one that does not answer: it is not told anything in this round, and nothing is thought of what it serves. */
  async #stateOf(node: NodeRecord): Promise<Told | null> {
    const { client, deadlineMs, logger } = this.options;
    try {
      const told = (await client.ask(node.url, SEGMENT_STATE, null, { deadlineMs })) as ToldState;
      this.told.set(node.name, told);
      return { node, told };
    } catch (error) {
      this.told.delete(node.name);
      logger.warn({ node: node.name, err: error }, 'a historical does not answer');
      return null;
    }
  }

  /** Segments that are there already stay the same objects. */
  *#readUsed(): Turns<ReadonlyMap<string, UsedSegment>> {
    const used = new Map<string, UsedSegment>();
    const pace = new Pace();
    for (const stored of this.options.used()) {
      if (pace.isDue(1)) yield;
      const { id, idText, sealed } = stored;
      const before = this.#used.get(idText);
      const isKnown = before?.stored === stored;
      used.set(idText, isKnown ? before : { id, idText, sizeBytes: sealed.sizeBytes, stored });
    }
    return used;
  }

  *#servers(states: readonly (Told | null)[]): Turns<ServerState[]> {
    const servers: ServerState[] = [];
    for (const state of states) if (state !== null) servers.push(yield* this.#server(state));
    return servers;
  }

  *#server({ node, told }: Told): Turns<ServerState> {
    const segmentOf = (idText: string, sizeBytes: number): KnownSegment =>
      this.#used.get(idText) ?? unknown(idText, sizeBytes);
    const served = new Map<string, KnownSegment>();
    const { assigned } = told;
    yield* inPieces(assigned.length, (from, to) => {
      for (let i = from; i < to; i++) served.set(assigned[i]!, segmentOf(assigned[i]!, 0));
    });
    const queue = new Map<string, QueuedOrder>();
    for (const { idText, kind, sizeBytes, state } of told.orders) {
      if (state !== 'failed') queue.set(idText, { kind, segment: segmentOf(idText, sizeBytes) });
    }
    return {
      name: node.name,
      host: new URL(node.url).host,
      tier: node.tier,
      type: 'historical',
      priority: node.priority,
      maxSizeBytes: told.maxAssignedBytes,
      currSizeBytes: told.assignedBytes,
      served,
      queue,
      avoids: new Set(
        told.orders.flatMap(({ state, kind, idText }) =>
          state === 'failed' && kind === 'load' ? idText : [],
        ),
      ),
    };
  }
}

/** One that does not count any more. */
const unknown = (idText: string, sizeBytes: number): KnownSegment => ({
  id: { dataSource: '', interval: { startMs: 0, endMs: 0 }, version: '', partitionNum: 0 },
  idText,
  sizeBytes,
});
