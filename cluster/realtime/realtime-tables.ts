import type { Random, Timers } from '../../core/index.js';
import type { LivePart, LiveRelease, LiveTable, LiveUpdate } from '../../ingest/index.js';
import type { SegmentCache } from '../../segments/index.js';
import { LiveLeases } from '../inventory/live-leases.js';
import { livePart } from '../inventory/live-part.js';
import { type ToldTable, toldTable } from '../serving/live-table.js';
import type { LiveRef, PartRef } from '../serving/part-ref.js';
import type { OpenPart, PartSource } from '../serving/share-methods.js';

/** Whoever tells other nodes what this one has beside published segments. */
export interface LiveAnnouncer {
  setLive(live: {
    readonly logId: string;
    readonly position: number;
    /** Those that changed. */
    readonly tables: ReadonlyMap<string, ToldTable>;
  }): void;
}

export interface RealtimeTablesOptions {
  readonly cache: SegmentCache;
  readonly timers: Timers;
  readonly random: Random;
  readonly announcer: LiveAnnouncer;
  /** Told what nobody reads any more, and nobody will. */
  onUnused(releases: readonly LiveRelease[]): void;
  /** How long parts that were replaced stay, for brokers that have not heard of it. */
  readonly graceMs?: number;
  /** The shortest time between two announcements. */
  readonly announceMs?: number;
}

const DEFAULTS = { graceMs: 10_000, announceMs: 30 };

/** Parts of one process are fewer. */
const PARTS_OF_A_PROCESS = 2 ** 21;

/**
 * What the push worker of a realtime node has told, for brokers: announced, and read by the names that were announced.
 * Parts are numbered from a random place on, because a broker may still name those of the process that was here before.
 */
export class RealtimeTables implements PartSource {
  readonly #leases = new LiveLeases();
  readonly #tables = new Map<string, LiveTable>();
  /** By the number that others know: the latest of what is there, be it replaced. */
  readonly #parts = new Map<number, LivePart>();
  readonly #firstNumber: number;
  #log = { logId: '', position: 0 };
  /** Tables of which something was not announced yet. */
  #changed = new Set<string>();
  #hasNews = false;
  #isPausing = false;

  constructor(private readonly options: RealtimeTablesOptions) {
    this.#firstNumber = (options.random.nextUint32() >>> 1) * PARTS_OF_A_PROCESS;
  }

  /** How many parts are held in memory or on disk, replaced ones included. */
  get partCount(): number {
    return this.#parts.size;
  }

  /** Takes what the push worker says. */
  update({ logId, position, tables }: LiveUpdate): void {
    const before = tables.flatMap(({ table }) => partsOf(this.#tables.get(table)));
    for (const table of tables) {
      this.#tables.set(table.table, table);
      this.#changed.add(table.table);
    }
    const now = tables.flatMap(partsOf);
    this.#leases.hold(now);
    for (const part of now) this.#parts.set(this.#numberOf(part), part);
    this.#replace(before, new Set(now.map(({ id }) => id)));
    this.#log = { logId, position };
    this.#hasNews = true;
    this.#announce();
  }

  /** A part that grew is read by its latest handle; one that is gone is read for a while by its last. */
  #replace(before: readonly LivePart[], there: ReadonlySet<number>): void {
    this.#letGo(before.filter(({ id }) => there.has(id)));
    const gone = before.filter(({ id }) => !there.has(id));
    if (gone.length === 0) return;
    this.options.timers.after(this.options.graceMs ?? DEFAULTS.graceMs, () => {
      for (const part of gone) this.#parts.delete(this.#numberOf(part));
      this.#letGo(gone);
    });
  }

  async open(ref: PartRef): Promise<OpenPart | null> {
    const part = ref.kind === 'live' ? this.#parts.get(ref.part) : undefined;
    if (ref.kind !== 'live' || part === undefined || part.dataSource !== ref.dataSource)
      return null;
    const first = firstRows(part, ref);
    if (first === null) return null;
    this.#leases.hold([part]);
    let isOpen = true;
    const release = () => {
      if (isOpen) this.#letGo([part]);
      isOpen = false;
    };
    return { part: livePart({ ...first, id: ref.part }, this.options.cache), release };
  }

  #letGo(parts: readonly LivePart[]): void {
    const unused = this.#leases.letGo(parts);
    if (unused.length > 0) this.options.onUnused(unused);
  }

  #numberOf = ({ id }: LivePart): number => this.#firstNumber + id;

  /** At once, and then not before some time is over. */
  #announce(): void {
    if (!this.#hasNews || this.#isPausing) return;
    const tables = [...this.#changed].map((name) => [name, this.#told(name)] as const);
    this.#changed = new Set();
    this.#hasNews = false;
    this.#isPausing = true;
    const { timers, announcer, announceMs = DEFAULTS.announceMs } = this.options;
    timers.after(announceMs, () => {
      this.#isPausing = false;
      this.#announce();
    });
    announcer.setLive({ ...this.#log, tables: new Map(tables) });
  }

  #told(name: string): ToldTable {
    const { table, generations } = toldTable(this.#tables.get(name)!);
    return {
      table,
      generations: generations.map(({ to, parts }) => ({
        to,
        parts: parts.map((part) => ({ ...part, id: this.#firstNumber + part.id })),
      })),
    };
  }
}

const partsOf = (table: LiveTable | undefined): readonly LivePart[] =>
  (table?.generations ?? []).flatMap(({ parts }) => parts);

/** The part as it was when it had so many rows; null: it never had. Rows are only ever appended. */
function firstRows(part: LivePart, { rowCount, minTimeMs, maxTimeMs }: LiveRef): LivePart | null {
  const { source } = part;
  if (rowCount === part.rowCount) return part;
  if (source.kind === 'piece' || rowCount > part.rowCount) return null;
  const first = { rowCount, minTimeMs, maxTimeMs };
  return { ...part, ...first, source: { kind: 'mutable', handle: { ...source.handle, ...first } } };
}
