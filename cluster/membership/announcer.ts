import type { Timers } from '../../core/index.js';
import type { NodeMethod } from '../transport/types.js';
import {
  ANNOUNCEMENTS,
  type Announcement,
  type AnnouncementRequest,
  announcementMessage,
  type LiveAnnouncement,
  type LiveCodec,
  readAnnouncementRequest,
} from './announcement.js';

export interface AnnouncerOptions {
  readonly incarnation: string;
  readonly timers: Timers;
  /** Changes that are remembered; who is further behind is told the whole. */
  readonly maxHistory?: number;
}

/** What a node serves changed, all at once. */
export interface ServedChange<T> {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  /** Only the tables that changed. */
  readonly live?: LiveAnnouncement<T>;
}

interface Change {
  readonly number: number;
  readonly kind: 'segment' | 'table';
  readonly key: string;
}

/**
 * Tells what this node serves to whoever follows. The history says which things changed, not how: a follower is always
 * told their state of now, so that many changes of one thing are one, and an answer is consistent in itself.
 */
export class Announcer<T> {
  readonly #segments = new Set<string>();
  readonly #tables = new Map<string, T>();
  #log: { readonly logId: string; readonly position: number } | null = null;
  #number = 0;
  /** Ascending; all changes after `#forgotten`. */
  #history: Change[] = [];
  #forgotten = 0;
  readonly #waiting = new Set<() => void>();
  readonly #maxHistory: number;

  constructor(private readonly options: AnnouncerOptions) {
    this.#maxHistory = options.maxHistory ?? 20_000;
  }

  get segments(): ReadonlySet<string> {
    return this.#segments;
  }

  /** Followers that wait are answered at once. */
  announce({ added = [], removed = [], live }: ServedChange<T>): void {
    const number = ++this.#number;
    const note = (kind: Change['kind'], key: string) => this.#history.push({ number, kind, key });
    for (const id of removed) if (this.#segments.delete(id)) note('segment', id);
    for (const id of added) {
      if (this.#segments.has(id)) continue;
      this.#segments.add(id);
      note('segment', id);
    }
    for (const [name, table] of live?.tables ?? []) {
      if (table === null) this.#tables.delete(name);
      else this.#tables.set(name, table);
      note('table', name);
    }
    if (live !== undefined) this.#log = { logId: live.logId, position: live.position };
    this.#forget();
    for (const wake of [...this.#waiting]) wake();
  }

  /** Answers when something has changed since, or `waitMs` is over. */
  async answer(request: AnnouncementRequest, signal: AbortSignal): Promise<Announcement<T>> {
    const isFollowing = request.incarnation === this.options.incarnation;
    if (isFollowing && request.since === this.#number) await this.#change(request.waitMs, signal);
    const isKnown = request.since >= this.#forgotten && request.since <= this.#number;
    return isFollowing && isKnown ? this.#since(request.since) : this.#whole();
  }

  #change(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.options.timers.after(waitMs, wake);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  #whole(): Announcement<T> {
    return {
      ...this.#head(true),
      added: [...this.#segments],
      removed: [],
      live: this.#log && { ...this.#log, tables: new Map(this.#tables) },
    };
  }

  #since(since: number): Announcement<T> {
    const changed = { segment: new Set<string>(), table: new Set<string>() };
    for (let i = this.#history.length - 1; i >= 0; i--) {
      const { number, kind, key } = this.#history[i]!;
      if (number <= since) break;
      changed[kind].add(key);
    }
    const ids = [...changed.segment];
    const tables = [...changed.table].map(
      (name) => [name, this.#tables.get(name) ?? null] as const,
    );
    return {
      ...this.#head(false),
      added: ids.filter((id) => this.#segments.has(id)),
      removed: ids.filter((id) => !this.#segments.has(id)),
      live: this.#log && { ...this.#log, tables: new Map(tables) },
    };
  }

  #head(isWhole: boolean): Pick<Announcement<T>, 'incarnation' | 'number' | 'isWhole'> {
    return { incarnation: this.options.incarnation, number: this.#number, isWhole };
  }

  /** Half at a time, so that a change costs the same however long the history is. */
  #forget(): void {
    if (this.#history.length <= this.#maxHistory) return;
    const from = this.#history.length - Math.floor(this.#maxHistory / 2);
    this.#forgotten = this.#history[from - 1]!.number;
    // Changes of one number go together.
    this.#history = this.#history.slice(from).filter(({ number }) => number > this.#forgotten);
  }
}

/** Followers poll for what this node serves. */
export const announcementsMethod = <T>(
  announcer: Announcer<T>,
  codec: LiveCodec<T>,
): NodeMethod => ({
  name: ANNOUNCEMENTS,
  servedBy: ['historical', 'realtime'],
  calledBy: ['broker', 'coordinator', 'realtime'],
  maxRequestBytes: 64 << 10,
  handle: async ({ message }, { signal }) => ({
    message: announcementMessage(
      await announcer.answer(readAnnouncementRequest(message), signal),
      codec,
    ),
  }),
});
