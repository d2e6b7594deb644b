import type { Clock } from '../../core/index.js';
import { DEAD_LETTERS, type DeclaredColumn, parseToken } from '../../ingest/index.js';
import type { PartHolder, TableProvider, TableSchema, TableSnapshot } from '../../query/index.js';
import { LiveTables } from '../inventory/live-tables.js';
import { LogPosition } from '../inventory/log-position.js';
import { ServedTable } from '../inventory/served-table.js';
import type { ChangeFeed, SourceState } from '../metadata/change-feed.js';
import type { LogState, PushOwner } from '../metadata/push-tables.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { ToldPart, ToldTable } from '../serving/live-table.js';
import { BrokerView, type NodeParts } from './broker-view.js';
import { RemoteSegment } from './remote-segment.js';

/** What a live node told last of its push log, which has the node's name. */
export interface ToldLog {
  readonly node: { readonly name: string };
  readonly log: {
    readonly logId: string;
    readonly position: number;
    readonly tables: ReadonlyMap<string, ToldTable>;
  } | null;
}

export interface BrokerTablesOptions {
  readonly changes: Pick<ChangeFeed, 'read'>;
  /** What the live nodes have told of their push logs. */
  readonly told: () => readonly ToldLog[];
  readonly holder: PartHolder;
  /** Published segments, or the declaration, of some table changed. */
  readonly onChange?: () => Promise<void>;
  /** Tells how old the view is. */
  readonly clock?: Clock;
  /** See `InventoryOptions`. */
  readonly declared: (dataSource: string) => readonly DeclaredColumn[] | null;
}

/**
 * What queries of a broker see: what the metadata say is published, and beside it what nodes told of rows that are not. A
 * snapshot is of one moment of the metadata. What a node tells is taken before the metadata are read: it leaves rows out only
 * when they are published, so that these are seen then; and what is published of what it still tells is known by its log's position.
 */
export class BrokerTables implements TableProvider {
  #sources: ReadonlyMap<string, SourceState> = new Map();
  #logs: readonly LogState[] = [];
  #owners: ReadonlyMap<string, PushOwner> = new Map();
  /** By node. */
  readonly #live = new Map<string, LiveTables<ToldPart>>();
  readonly #views = new Map<string, BrokerView>();
  readonly #segments = new WeakMap<StoredSegment, RemoteSegment>();
  /** What was told of a table, as it was first heard. */
  readonly #endedOf = new WeakMap<ToldTable, ToldTable>();
  readonly #positions = new Map<string, LogPosition>();
  #isReady = false;
  #readMs: number | null = null;
  #version = 0;
  #last: Promise<void> = Promise.resolve();
  /** The refresh that has not begun. */
  #next: Promise<void> | null = null;

  constructor(private readonly options: BrokerTablesOptions) {}

  /** Whether it has ever shown what was there. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Is another one when other segments are published. */
  get version(): number {
    return this.#version;
  }

  /** How long ago what it shows was read; null where that is not known. */
  get ageMs(): number | null {
    const { clock } = this.options;
    return clock === undefined || this.#readMs === null ? null : clock.nowMs() - this.#readMs;
  }

  /** Shows what is there now, at the latest when it resolves; calls that come before it begins share it. */
  refresh(): Promise<void> {
    if (this.#next === null) {
      const next = this.#last
        .catch(() => undefined)
        .then(() => {
          this.#next = null;
          return this.#read();
        });
      this.#next = next;
      this.#last = next;
    }
    return this.#next;
  }

  async #read(): Promise<void> {
    // Copies: what nodes tell while the metadata are read may leave out what they show only later.
    const told = this.options.told().map(({ node, log }) => ({ node, log }));
    const startMs = this.options.clock?.nowMs() ?? null;
    const { sources, logs, owners, endedLogs } = await this.options.changes.read(this.#sources);
    if (sources.size > 0) await this.options.onChange?.();
    const changed = new Set(sources.keys());
    this.#sources = new Map([...this.#sources, ...sources]);
    this.#logs = logs;
    this.#owners = owners;
    this.#takeLive(told, changed);
    for (const name of changed) this.#compose(name, told, sources.has(name));
    if (sources.size > 0) this.#version++;
    this.#isReady = true;
    this.#readMs = startMs;
    for (const { log } of told) if (log !== null) this.#positionOf(log.logId).advance(log);
    const position = Number.POSITIVE_INFINITY;
    for (const logId of endedLogs) this.#positionOf(logId).advance({ logId, position });
  }

  /** Adds the data sources whose rows changed to `changed`. */
  #takeLive(told: readonly ToldLog[], changed: Set<string>): void {
    const note = (table: string) => {
      changed.add(table);
      changed.add(DEAD_LETTERS);
    };
    const names = new Set(told.flatMap(({ node, log }) => (log === null ? [] : node.name)));
    for (const [node, live] of this.#live) {
      if (names.has(node)) continue;
      this.#live.delete(node);
      for (const table of live.tables()) note(table);
    }
    for (const { table, log } of this.#logs) if (!names.has(log)) note(table);
    for (const { node, log } of told) {
      if (log === null) continue;
      const isNew = !this.#live.has(node.name);
      const live = this.#live.get(node.name) ?? new LiveTables<ToldPart>();
      this.#live.set(node.name, live);
      if (isNew) for (const state of this.#logs) if (state.log === node.name) note(state.table);
      const own = this.#logs.filter((state) => state.log === node.name);
      const positions = new Map(own.map((each) => [each.table, each.position]));
      for (const table of live.replace(this.#endedTables(log, positions))) note(table);
      for (const table of live.moveTo(positions)) note(table);
    }
  }

  /**
   * Tables whose generations all end: one that grew when it was told of ends where its log stood then. It may have been published since
   * without a word, and what is published reaches at least as far. All of a table that the log is not open for is published.
   */
  #endedTables(
    { position, tables }: NonNullable<ToldLog['log']>,
    open: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, ToldTable> {
    return new Map(
      [...tables].flatMap(([name, table]) =>
        open.has(name) ? [[name, this.#ended(table, position)] as const] : [],
      ),
    );
  }

  #ended(told: ToldTable, position: number): ToldTable {
    const known = this.#endedOf.get(told);
    if (known !== undefined) return known;
    const generations = told.generations.map(({ to, parts }) => ({
      to: Math.min(to, position),
      parts,
    }));
    const ended = { ...told, generations };
    this.#endedOf.set(told, ended);
    return ended;
  }

  #compose(name: string, told: readonly ToldLog[], isPublished: boolean): void {
    const before = this.#views.get(name);
    const served = isPublished || before === undefined ? this.#serve(name) : before.served;
    const nodes = this.#nodesOf(name, told);
    if (served === null && nodes.length === 0) this.#views.delete(name);
    else this.#views.set(name, new BrokerView(name, served, nodes, this.options.holder));
  }

  #serve(name: string): ServedTable<RemoteSegment> | null {
    const stored = [...(this.#sources.get(name)?.segments.values() ?? [])];
    if (stored.length === 0) return null;
    return new ServedTable(
      stored.flatMap((each) => (each.isTombstone ? [] : this.#segment(each))),
      stored.filter(({ isTombstone }) => isTombstone),
    );
  }

  #segment(stored: StoredSegment): RemoteSegment {
    let segment = this.#segments.get(stored);
    if (segment === undefined) {
      segment = new RemoteSegment(stored, this.options.holder);
      this.#segments.set(stored, segment);
    }
    return segment;
  }

  #nodesOf(name: string, told: readonly ToldLog[]): NodeParts[] {
    const known = new Set(told.flatMap(({ node, log }) => (log === null ? [] : node.name)));
    const open = this.#logs.filter(({ table }) => table === name || name === DEAD_LETTERS);
    const lost = new Set(open.flatMap(({ log }) => (known.has(log) ? [] : log)));
    const nodes: NodeParts[] = [...lost].map((node) => ({ node, parts: null }));
    for (const [node, live] of this.#live) {
      const parts = live.parts(name);
      if (parts.length > 0) nodes.push({ node, parts });
    }
    return nodes.sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  #positionOf(logId: string): LogPosition {
    const position = this.#positions.get(logId) ?? new LogPosition();
    this.#positions.set(logId, position);
    return position;
  }

  tables(): string[] {
    return [...this.#views].flatMap(([name, { hasRows }]) => (hasRows ? name : [])).sort();
  }

  /** Who takes the rows of push tables. */
  get owners(): ReadonlyMap<string, PushOwner> {
    return this.#owners;
  }

  /** All that count and have a file. */
  segments(): StoredSegment[] {
    return this.views().flatMap(({ served }) => served?.segments.map(({ stored }) => stored) ?? []);
  }

  /** Of all data sources, by name. */
  views(): BrokerView[] {
    return [...this.#views.values()].sort((a, b) => (a.dataSource < b.dataSource ? -1 : 1));
  }

  view(dataSource: string): BrokerView | null {
    return this.#views.get(dataSource) ?? null;
  }

  schema(dataSource: string): TableSchema | null {
    return this.#schemaOf(dataSource, this.#views.get(dataSource));
  }

  snapshot(dataSources: readonly string[]): TableSnapshot {
    const views = new Map(
      dataSources.flatMap((name) => {
        const view = this.#views.get(name);
        return view === undefined ? [] : [[name, view] as const];
      }),
    );
    return {
      parts: (name, intervals) => views.get(name)?.parts(intervals) ?? [],
      schema: (name) => this.#schemaOf(name, views.get(name)),
      release: () => undefined,
    };
  }

  /** See `TableProvider`. Waits as long as it may for a log that nobody has told of. */
  waitFor(token: string, signal: AbortSignal): Promise<void> {
    const { logId } = parseToken(token, 'context.ingestToken');
    return this.#positionOf(logId).waitFor(token, signal);
  }

  #schemaOf(name: string, view: BrokerView | undefined): TableSchema | null {
    return view?.hasRows ? view.schema(this.options.declared(name) ?? NO_COLUMNS) : null;
  }
}

const NO_COLUMNS: readonly DeclaredColumn[] = [];
