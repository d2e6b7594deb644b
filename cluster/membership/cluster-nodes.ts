import { type Clock, encodeError, type Logger, pause, type Timers } from '../../core/index.js';
import type { NodeRole } from '../transport/types.js';
import type { BeatingRecord, NodeRecord, NodeTable } from './node-record.js';

/** What became of a node. One that was started anew is lost, then found. */
export type NodeChange =
  | { readonly kind: 'found'; readonly node: NodeRecord }
  | { readonly kind: 'lost'; readonly node: NodeRecord }
  /** Its record says something else (its capacity, say); the incarnation is the same. */
  | { readonly kind: 'changed'; readonly node: NodeRecord };

export interface ClusterNodesOptions {
  readonly table: NodeTable;
  /** Of this process alone, and steady: what time others have does not matter. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly pollMs: number;
  /** A node whose counter has not moved for so long is lost. */
  readonly timeoutMs: number;
}

interface Seen {
  record: BeatingRecord;
  movedMs: number;
  /** False until its counter moves once more. */
  isTrusted: boolean;
  /** Its counter has stood still for the time-out. */
  isSilent: boolean;
  /** As it was told to the listeners; null: not, or as lost. */
  told: NodeRecord | null;
}

/**
 * Which nodes live. A counter that moved between two looks is a sign of life, and so is a record that was not there
 * before; a record found at the first look of all gets the benefit of the doubt for one time-out. While the table cannot
 * be read nobody is lost.
 */
export class ClusterNodes {
  readonly #seen = new Map<string, Seen>();
  readonly #listeners = new Set<(changes: readonly NodeChange[]) => void>();
  readonly #waiting = new Set<(name: string) => void>();
  readonly #end = new AbortController();
  #looking: Promise<void> | null = null;
  #lookedMs: number | null = null;

  constructor(private readonly options: ClusterNodesOptions) {}

  /** Resolves after the first look; then looks again and again. */
  async start(): Promise<void> {
    await this.look();
    void this.#poll();
  }

  close(): void {
    this.#end.abort();
  }

  /** Those that live, by name. */
  alive(role?: NodeRole): readonly NodeRecord[] {
    const told = [...this.#seen.values()].flatMap((seen) => seen.told ?? []);
    return told
      .filter((node) => role === undefined || node.roles.includes(role))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The node of this name, if it lives. */
  node(name: string): NodeRecord | null {
    return this.#seen.get(name)?.told ?? null;
  }

  /** `onChanges` is called with what changed, at once, without waiting; first with those that live now. Call what it gives to end that. */
  listen(onChanges: (changes: readonly NodeChange[]) => void): () => void {
    this.#listeners.add(onChanges);
    const found = this.alive().map((node): NodeChange => ({ kind: 'found', node }));
    if (found.length > 0) onChanges(found);
    return () => this.#listeners.delete(onChanges);
  }

  /**
   * `onSilent` is called with the name of each node that will not answer what it was asked before: its counter stood still for the
   * time-out, or another process has its name. Who leaves answers still. Call what it gives to end that.
   */
  listenForSilence(onSilent: (name: string) => void): () => void {
    this.#waiting.add(onSilent);
    return () => this.#waiting.delete(onSilent);
  }

  /** Somebody could not connect to it: it counts as lost until its counter moves again. */
  suspect(name: string, incarnation: string): void {
    const seen = this.#seen.get(name);
    if (seen === undefined || seen.record.incarnation !== incarnation) return;
    seen.isTrusted = false;
    this.#tell();
  }

  /** Reads the table, once however many ask. */
  look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #poll(): Promise<void> {
    const { timers, pollMs, logger } = this.options;
    const { signal } = this.#end;
    for (;;) {
      await pause(timers, pollMs, signal).catch(() => {});
      if (signal.aborted) return;
      await this.look().catch((error: unknown) =>
        logger.warn({ reason: encodeError(error).message }, 'the table of nodes cannot be read'),
      );
    }
  }

  async #read(): Promise<void> {
    const startMs = this.options.clock.nowMs();
    const records = await this.options.table.list();
    if (this.#end.signal.aborted) return;
    // While nobody looked, nobody's silence can be told: it counts from the last look on.
    const { pollMs } = this.options;
    const silenceMs = this.#lookedMs === null ? 0 : startMs - this.#lookedMs;
    const unseenMs = Math.max(0, silenceMs - 2 * pollMs);
    this.#lookedMs = startMs;
    const names = new Set(records.map(({ name }) => name));
    for (const record of records) this.#note(record, startMs, unseenMs);
    for (const [name, seen] of this.#seen) {
      if (!names.has(name)) this.#drop(name, seen);
    }
    this.#tell();
  }

  #note(record: BeatingRecord, nowMs: number, unseenMs: number): void {
    const seen = this.#seen.get(record.name);
    if (seen === undefined) {
      const fresh = { movedMs: nowMs, isTrusted: true, isSilent: false, told: null };
      this.#seen.set(record.name, { record, ...fresh });
      return;
    }
    const wasSilent = seen.isSilent;
    const isOther = seen.record.incarnation !== record.incarnation;
    if (isOther || seen.record.beat !== record.beat) {
      seen.movedMs = nowMs;
      seen.isTrusted = true;
      seen.isSilent = false;
    } else {
      seen.movedMs += unseenMs;
      seen.isSilent = nowMs - seen.movedMs >= this.options.timeoutMs;
      if (seen.isSilent) seen.isTrusted = false;
    }
    seen.record = record;
    if (isOther || (seen.isSilent && !wasSilent)) {
      for (const onSilent of this.#waiting) onSilent(record.name);
    }
  }

  /** It left, by its own will or by that of the coordinator. */
  #drop(name: string, seen: Seen): void {
    this.#seen.delete(name);
    if (seen.told !== null) this.#send([{ kind: 'lost', node: seen.told }]);
  }

  #tell(): void {
    const changes: NodeChange[] = [];
    for (const seen of this.#seen.values()) {
      const { told } = seen;
      const { beat: _, ...node } = seen.record;
      if (told !== null && (!seen.isTrusted || told.incarnation !== node.incarnation)) {
        changes.push({ kind: 'lost', node: told });
        seen.told = null;
      }
      if (!seen.isTrusted) continue;
      if (seen.told === null) changes.push({ kind: 'found', node });
      else if (!isSame(seen.told, node)) changes.push({ kind: 'changed', node });
      else continue;
      seen.told = node;
    }
    if (changes.length > 0) this.#send(changes);
  }

  #send(changes: readonly NodeChange[]): void {
    for (const listener of this.#listeners) listener(changes);
  }
}

const isSame = (a: NodeRecord, b: NodeRecord): boolean =>
  a.url === b.url &&
  a.protocol === b.protocol &&
  a.tier === b.tier &&
  a.capacityBytes === b.capacityBytes &&
  a.roles.join() === b.roles.join();
