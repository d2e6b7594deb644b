import { type JsonObject, NotFoundError, stringifyJson } from '../../core/index.js';
import type {
  EngineStats,
  PushAnswer,
  PushCatalog,
  PushRequest,
  PushWorker,
  StoredTable,
  TableStats,
} from '../../ingest/index.js';
import { formatInstant } from '../../model/index.js';
import { InFlightBytes, type InFlightShare } from '../in-flight.js';
import type { DeadLetters, ReplayOptions, ReplaySums } from './dead-letters.js';

/** What is needed of the push worker. */
export type PushPort = Pick<PushWorker, 'push' | 'replay' | 'declare' | 'handOff' | 'stats'>;

export interface PushesOptions {
  readonly worker: PushPort;
  readonly catalog: Pick<PushCatalog, 'tables'>;
  readonly letters: DeadLetters;
  /** Bytes of pushes that may be under way. */
  readonly queueBytes: number;
}

/** A push table as clients are told of it. */
export interface TableStatus extends Omit<TableStats, 'watermarkMs'> {
  /** The newest version of its spec. */
  readonly version: number;
  /** ISO text; null before there is one. */
  readonly watermark: string | null;
}

/** Push tables as HTTP and the library use them: bounds what is under way, and joins what worker and metadata know. */
export class Pushes {
  readonly inFlight: InFlightBytes;

  constructor(private readonly options: PushesOptions) {
    this.inFlight = new InFlightBytes(options.queueBytes, {
      what: 'pushes',
      setting: 'push.queueBytes',
    });
  }

  /** Does `work` with a share of the bytes under way, which is given back when it has ended. */
  async holding<T>(work: (share: InFlightShare) => Promise<T>): Promise<T> {
    const share = this.inFlight.share();
    try {
      return await work(share);
    } finally {
      share.release();
    }
  }

  /** Pushes a body that a share holds. Its memory moves to the worker. Throws as `PushEngine.push` does. */
  take(request: PushRequest): Promise<PushAnswer> {
    return this.options.worker.push(request);
  }

  /** Pushes a body that nobody holds yet; also throws CapacityError when there is no room for it. */
  push(request: PushRequest): Promise<PushAnswer> {
    return this.holding((share) => {
      share.take(request.body.length);
      return this.take(request);
    });
  }

  /** Makes a table, or gives it a new spec, unless it is the one it has; gives the version. */
  async declare(name: string, spec: JsonObject): Promise<number> {
    const stored = await this.options.catalog.tables();
    const versions = stored.find((table) => table.name === name)?.versions ?? [];
    const last = versions.at(-1);
    if (last !== undefined && stringifyJson(last) === stringifyJson(spec)) return versions.length;
    return this.options.worker.declare(name, spec);
  }

  /** Publishes what the table has taken so far; gives the position behind it. */
  async handOff(name: string): Promise<number> {
    await this.options.worker.handOff(name);
    return (await this.table(name)).publishedPosition;
  }

  stats(): Promise<EngineStats> {
    return this.options.worker.stats();
  }

  /** Every push table, by name. */
  async tables(): Promise<TableStatus[]> {
    const [stored, { tables }] = await Promise.all([this.options.catalog.tables(), this.stats()]);
    const byName = new Map(stored.map((each) => [each.name, each]));
    return tables
      .map((stats) => statusOf(stats, byName.get(stats.table)))
      .sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  /** One table, with its spec. Throws NotFoundError when rows were never pushed into one of this name. */
  async table(name: string): Promise<TableStatus & { readonly spec: JsonObject }> {
    const [stored, { tables }] = await Promise.all([this.options.catalog.tables(), this.stats()]);
    const known = stored.find((each) => each.name === name);
    const stats = tables.find(({ table }) => table === name);
    const spec = known?.versions.at(-1);
    if (stats !== undefined && spec !== undefined) return { ...statusOf(stats, known), spec };
    throw new NotFoundError(
      `there is no push table "${name}"; declare it with PUT /v1/tables/${encodeURIComponent(name)}, or push rows into it`,
    );
  }

  /** Pushes dead letters of the table again. */
  async replay(name: string, options: ReplayOptions): Promise<ReplaySums> {
    const { letters } = await this.table(name);
    return this.options.letters.replay(name, letters, options);
  }
}

function statusOf(
  { watermarkMs, ...stats }: TableStats,
  stored: StoredTable | undefined,
): TableStatus {
  const watermark = watermarkMs === null ? null : formatInstant(watermarkMs, 'UTC');
  return { ...stats, version: stored?.versions.length ?? 0, watermark };
}
