import { CapacityError, type Disk, type Logger, UnavailableError } from '../../core/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { deepCopyOf, type SegmentTransfer } from '../storage/segment-transfer.js';
import { Slots } from '../storage/slots.js';
import { orRaised } from './or-raised.js';
import { type BudgetOptions, ShelfBudget } from './shelf-budget.js';
import { ShelfCounts } from './shelf-counts.js';
import { ShelfFiles } from './shelf-files.js';

/** Assigned segments stay until they are dropped; cold ones leave when room is needed, those first that nobody asked for longest. */
export type ShelfKind = 'assigned' | 'cold';

export interface SegmentShelfOptions extends BudgetOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly transfer: Pick<SegmentTransfer, 'fetch' | 'isWhole'>;
  readonly logger: Logger;
  readonly parallelDownloads: number;
  /** Segments that are fetched or wait for it; more are refused with CapacityError. */
  readonly maxLoading: number;
  /** Told of every change of what `segments` gives. */
  readonly onChange: (change: ShelfChange) => void;
  /** Told of damaged files that were set aside: whoever wants an assigned one takes it again. */
  readonly onDamage?: (segment: StoredSegment, kind: ShelfKind) => void;
}

export interface ShelfChange {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly segment: StoredSegment;
  readonly isAssigned: boolean;
}

/** A file that stays where it is until it is released. */
export interface HeldSegment {
  readonly path: string;
  release(): void;
}

interface Entry {
  readonly segment: StoredSegment;
  isAssigned: boolean;
  /** Its bytes were looked at since the process started. */
  isVerified: boolean;
  /** It was dropped, and waits for its holders. */
  isLeaving: boolean;
  holders: number;
  verification: Promise<boolean> | null;
  readonly onLeft: (() => void)[];
}

/** Somebody for whom a file is fetched. */
interface Asker {
  take(entry: Entry): void;
  fail(error: unknown): void;
}

interface Loading {
  readonly askers: Set<Asker>;
  /** Raised when nobody asks any more. */
  readonly ending: AbortController;
  ended: Promise<void>;
}

/**
 * The segment files that a historical has of those in deep storage: whole, verified, within a budget of bytes. One download
 * of each, however many ask; a file that is held is not removed. After a restart what was there is there at once, and verified
 * when it is first taken.
 */
export class SegmentShelf {
  readonly counts = new ShelfCounts();
  readonly #files: ShelfFiles;
  readonly #budget: ShelfBudget;
  readonly #slots: Slots;
  /** Those that were taken last are last. */
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Loading>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  /** Reads the directory; what is not whole is removed from it. */
  constructor(private readonly options: SegmentShelfOptions) {
    this.#files = new ShelfFiles(options.disk, options.directory);
    this.#budget = new ShelfBudget(options);
    this.#slots = new Slots(options.parallelDownloads);
    for (const { segment, isAssigned } of this.#files.open()) {
      const { sizeBytes } = segment.sealed;
      this.#budget.add(sizeBytes);
      const fits = this.#budget.assignedBytes + sizeBytes <= this.#budget.maxAssignedBytes;
      const entry = newEntry(segment, false);
      entry.isAssigned = isAssigned && fits;
      if (entry.isAssigned) this.#budget.assign(segment.idText, sizeBytes);
      this.#entries.set(segment.idText, entry);
    }
  }

  /** What is here, those that are leaving excepted. */
  *segments(): Generator<{ readonly segment: StoredSegment; readonly isAssigned: boolean }> {
    for (const { segment, isAssigned, isLeaving } of this.#entries.values()) {
      if (!isLeaving) yield { segment, isAssigned };
    }
  }

  /** Null when it is not here. */
  find(idText: string): StoredSegment | null {
    const entry = this.#entries.get(idText);
    return entry === undefined || entry.isLeaving ? null : entry.segment;
  }

  has(idText: string): boolean {
    return this.#entries.get(idText)?.isLeaving === false;
  }

  get sizes() {
    const { usedBytes, assignedBytes, maxAssignedBytes } = this.#budget;
    const { maxBytes } = this.options;
    const loadingCount = this.#loading.size;
    return { usedBytes, assignedBytes, maxAssignedBytes, maxBytes, loadingCount };
  }

  /**
   * A verified file, held until it is released; fetched where it is not here. Assigned ones beyond the budget are refused with
   * ShelfFullError; cold ones wait for room. Errors else as of `SegmentTransfer.fetch`.
   */
  async take(segment: StoredSegment, kind: ShelfKind, signal: AbortSignal): Promise<HeldSegment> {
    for (;;) {
      signal.throwIfAborted();
      const entry = this.#held(segment) ?? (await this.#fetched(segment, kind, signal));
      try {
        if (await this.#isWhole(entry, signal)) {
          if (kind === 'assigned') this.#assign(entry);
          return this.#handOut(entry);
        }
      } catch (error) {
        this.#release(entry);
        throw error;
      }
      this.#release(entry);
    }
  }

  /** As `take`, and released at once: where the file is while nobody drops it. */
  async ensure(segment: StoredSegment, kind: ShelfKind, signal: AbortSignal): Promise<string> {
    const { path, release } = await this.take(segment, kind, signal);
    release();
    return path;
  }

  /** Removes a segment, assigned or not, as soon as nobody holds it; it is not listed any more at once. Absent is fine. */
  async drop(idText: string): Promise<void> {
    const entry = this.#entries.get(idText);
    if (entry === undefined) return;
    if (!entry.isLeaving) {
      this.#files.removeNote(idText);
      entry.isLeaving = true;
      const { isAssigned } = entry;
      this.#unassign(entry);
      this.options.onChange({ kind: 'removed', segment: entry.segment, isAssigned });
    }
    const left = new Promise<void>((resolve) => entry.onLeft.push(resolve));
    this.#removeIfFree(entry);
    await left;
  }

  /** For whoever finds that the bytes of a file are not what they should be: it is fetched again when it is next taken. */
  setAside(idText: string): void {
    const entry = this.#entries.get(idText);
    if (entry !== undefined) this.#setAside(entry);
  }

  /** Ends what is being fetched, and waits for it. */
  async close(): Promise<void> {
    this.#closing.abort(new UnavailableError('the node is being closed'));
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }

  /** The file that is here, held for the caller. */
  #held(segment: StoredSegment): Entry | null {
    const entry = this.#entries.get(segment.idText);
    if (entry === undefined) return null;
    if (entry.segment.sealed.sha256 !== segment.sealed.sha256) {
      this.#setAside(entry);
      return null;
    }
    this.#entries.delete(segment.idText);
    this.#entries.set(segment.idText, entry);
    entry.holders++;
    return entry;
  }

  /** The file, held for the caller, who may leave before it comes. */
  async #fetched(segment: StoredSegment, kind: ShelfKind, signal: AbortSignal): Promise<Entry> {
    const { idText, sealed } = segment;
    this.#closing.signal.throwIfAborted();
    if (kind === 'assigned') this.#budget.assign(idText, sealed.sizeBytes);
    try {
      for (;;) {
        const loading = this.#loading.get(idText) ?? this.#load(segment, kind);
        if (!loading.ending.signal.aborted) return await this.#ask(loading, signal);
        await orRaised(loading.ended, signal);
      }
    } finally {
      if (kind === 'assigned') this.#budget.unassign(sealed.sizeBytes);
    }
  }

  #ask({ askers, ending }: Loading, signal: AbortSignal): Promise<Entry> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        askers.delete(asker);
      };
      const asker: Asker = {
        take: (entry) => {
          leave();
          entry.holders++;
          resolve(entry);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => {
        asker.fail(signal.reason);
        if (askers.size === 0) ending.abort(signal.reason);
      };
      askers.add(asker);
      signal.addEventListener('abort', onAbort);
    });
  }

  #load(segment: StoredSegment, kind: ShelfKind): Loading {
    const { maxLoading } = this.options;
    if (this.#loading.size >= maxLoading) {
      throw new CapacityError(
        `${maxLoading} segments are being fetched or wait for it; ask again later`,
        1000,
      );
    }
    const ending = new AbortController();
    const loading: Loading = { askers: new Set(), ending, ended: Promise.resolve() };
    this.#loading.set(segment.idText, loading);
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    loading.ended = this.#untilClosed(
      this.#fetch(segment, kind, signal).then(
        () => this.#arrived(segment, kind, loading),
        (error) => this.#failed(segment, kind, loading, error),
      ),
    );
    return loading;
  }

  /** Closing waits for it. */
  #untilClosed<T>(work: Promise<T>): Promise<T> {
    const running = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #fetch(segment: StoredSegment, kind: ShelfKind, signal: AbortSignal): Promise<void> {
    const { idText, sealed } = segment;
    const deep = deepCopyOf(sealed, idText);
    const bytes = sealed.sizeBytes + deep.sizeBytes;
    await this.#budget.take(`segment ${idText}`, bytes, (missing) => this.#evict(missing), signal);
    try {
      const path = this.#files.pathOf(idText);
      await this.#slots.run(signal, kind === 'cold', () =>
        this.options.transfer.fetch(deep, sealed, path, signal),
      );
      this.#note(segment);
      this.#budget.add(sealed.sizeBytes);
    } finally {
      this.#budget.free(bytes);
    }
  }

  #note(segment: StoredSegment): void {
    try {
      this.#files.note({ segment, isAssigned: false });
    } catch (error) {
      this.#files.remove(segment.idText);
      throw error;
    }
  }

  #arrived(segment: StoredSegment, kind: ShelfKind, { askers }: Loading): void {
    const entry = newEntry(segment, true);
    this.counts.fetches[kind]++;
    this.counts.fetchedBytes += segment.sealed.sizeBytes;
    this.#loading.delete(segment.idText);
    this.#entries.set(segment.idText, entry);
    // Before anybody else can want the room.
    for (const asker of [...askers]) asker.take(entry);
    this.options.onChange({ kind: 'added', segment, isAssigned: false });
  }

  #failed(
    { idText }: StoredSegment,
    kind: ShelfKind,
    { askers, ending }: Loading,
    error: unknown,
  ): void {
    // What nobody wants any more has not failed.
    if (!ending.signal.aborted) this.counts.failures[kind]++;
    this.#loading.delete(idText);
    for (const asker of [...askers]) asker.fail(error);
  }

  /** Whether a file that was here at the start is what it should be; if not, it is set aside. */
  #isWhole(entry: Entry, signal: AbortSignal): Promise<boolean> {
    if (entry.isVerified) return Promise.resolve(true);
    entry.verification ??= this.#untilClosed(this.#verify(entry)).finally(() => {
      entry.verification = null;
    });
    return orRaised(entry.verification, signal);
  }

  async #verify(entry: Entry): Promise<boolean> {
    const { idText, sealed } = entry.segment;
    const path = this.#files.pathOf(idText);
    entry.isVerified = await this.options.transfer.isWhole(path, sealed, this.#closing.signal);
    if (!entry.isVerified) this.#setAside(entry);
    return entry.isVerified;
  }

  #assign(entry: Entry): void {
    if (entry.isAssigned) return;
    const { segment } = entry;
    this.#budget.assign(segment.idText, segment.sealed.sizeBytes);
    try {
      this.#files.note({ segment, isAssigned: true });
    } catch (error) {
      this.#budget.unassign(segment.sealed.sizeBytes);
      throw error;
    }
    entry.isAssigned = true;
    const kind = entry.isLeaving ? 'added' : 'changed';
    entry.isLeaving = false;
    for (const left of entry.onLeft.splice(0)) left();
    this.options.onChange({ kind, segment, isAssigned: true });
  }

  #unassign(entry: Entry): void {
    if (entry.isAssigned) this.#budget.unassign(entry.segment.sealed.sizeBytes);
    entry.isAssigned = false;
  }

  #handOut(entry: Entry): HeldSegment {
    let isHeld = true;
    const release = () => {
      if (isHeld) this.#release(entry);
      isHeld = false;
    };
    return { path: this.#files.pathOf(entry.segment.idText), release };
  }

  #release(entry: Entry): void {
    entry.holders--;
    if (entry.isLeaving) this.#removeIfFree(entry);
    else if (entry.holders === 0) this.#budget.wake();
  }

  /** Removes cold files that nobody holds until so many bytes are free, or there are none any more. */
  #evict(bytes: number): void {
    let left = bytes;
    const entries = [...this.#entries.values()];
    // One that is leaving could not be removed when it should have been.
    const isFirst = ({ isLeaving }: Entry) => isLeaving;
    const ordered = [...entries.filter(isFirst), ...entries.filter((each) => !isFirst(each))];
    for (const entry of ordered) {
      if (left <= 0) return;
      if (entry.isAssigned || entry.holders > 0) continue;
      this.#remove(entry);
      this.counts.evictions++;
      this.counts.evictedBytes += entry.segment.sealed.sizeBytes;
      left -= entry.segment.sealed.sizeBytes;
    }
  }

  #removeIfFree(entry: Entry): void {
    if (entry.holders > 0 || !this.#isHere(entry)) return;
    try {
      this.#remove(entry);
    } catch (error) {
      // It is not listed, and is tried again when room is needed or the process starts.
      this.options.logger.warn({ error, segment: entry.segment.idText }, 'cannot remove a segment');
      for (const left of entry.onLeft.splice(0)) left();
    }
  }

  #remove(entry: Entry): void {
    this.#files.remove(entry.segment.idText);
    this.#forget(entry);
  }

  #setAside(entry: Entry): void {
    if (!this.#isHere(entry)) return;
    const { segment, isAssigned } = entry;
    this.counts.damaged++;
    this.options.logger.error({ segment: segment.idText }, 'a segment file is damaged; set aside');
    this.#files.setAside(segment.idText);
    this.#forget(entry);
    this.options.onDamage?.(segment, isAssigned ? 'assigned' : 'cold');
  }

  #forget(entry: Entry): void {
    const { segment, isAssigned } = entry;
    this.#entries.delete(segment.idText);
    this.#unassign(entry);
    this.#budget.free(segment.sealed.sizeBytes);
    for (const left of entry.onLeft.splice(0)) left();
    if (!entry.isLeaving) this.options.onChange({ kind: 'removed', segment, isAssigned });
  }

  #isHere(entry: Entry): boolean {
    return this.#entries.get(entry.segment.idText) === entry;
  }
}

const newEntry = (segment: StoredSegment, isVerified: boolean): Entry => ({
  segment,
  isAssigned: false,
  isVerified,
  isLeaving: false,
  holders: 0,
  verification: null,
  onLeft: [],
});
