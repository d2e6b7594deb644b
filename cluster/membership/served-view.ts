import type { Announcement } from './announcement.js';
import type { NodeRecord } from './node-record.js';

/** What one incarnation of a node serves, as far as it told. */
export interface ServedNode<T> {
  readonly node: NodeRecord;
  /** Of the last announcement; -1: none came yet. */
  readonly number: number;
  readonly segments: ReadonlySet<string>;
  /** null: it has no push log. */
  readonly log: ServedLog<T> | null;
  /** False while it does not answer: what it serves may have changed. */
  readonly isCurrent: boolean;
}

/** What a node told last of its push log. */
export interface ServedLog<T> {
  readonly logId: string;
  readonly position: number;
  readonly tables: ReadonlyMap<string, T>;
}

/** What changed by one announcement, or when a node was lost; the view has it all. */
export interface ViewChange<T> {
  readonly node: NodeRecord;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Whether its log or the tables of that changed. */
  readonly isLiveChanged: boolean;
  /** As it is now; null: the node is lost, and all that it served with it. */
  readonly served: ServedNode<T> | null;
}

interface Served<T> extends ServedNode<T> {
  node: NodeRecord;
  number: number;
  readonly segments: Set<string>;
  log: ServedLog<T> | null;
  isCurrent: boolean;
}

/** Who serves what: all that the nodes that live have announced. `Follower` keeps it; others read it. */
export class ServedView<T> {
  readonly #nodes = new Map<string, Served<T>>();
  readonly #bySegment = new Map<string, Set<Served<T>>>();
  readonly #byLog = new Map<string, Served<T>>();

  /** The nodes that live and serve the segment; often there are two or three. */
  nodesOf(segmentId: string): readonly ServedNode<T>[] {
    return [...(this.#bySegment.get(segmentId) ?? [])];
  }

  /** The node that has the push log of this name, if it lives and has told of it. */
  ownerOf(logId: string): (ServedNode<T> & { readonly log: ServedLog<T> }) | null {
    const served = this.#byLog.get(logId);
    if (served === undefined || served.log === null) return null;
    return { ...served, log: served.log };
  }

  node(name: string): ServedNode<T> | null {
    return this.#nodes.get(name) ?? null;
  }

  nodes(): readonly ServedNode<T>[] {
    return [...this.#nodes.values()];
  }

  /** A node that lives; it has told nothing yet. */
  add(node: NodeRecord): void {
    this.remove(node.name);
    const served = { node, number: -1, segments: new Set<string>(), log: null, isCurrent: false };
    this.#nodes.set(node.name, served);
  }

  /** The same incarnation says something else of itself. */
  change(node: NodeRecord): void {
    const served = this.#nodes.get(node.name);
    if (served?.node.incarnation === node.incarnation) served.node = node;
  }

  /** It does not answer. */
  setStale(node: NodeRecord): void {
    const served = this.#nodes.get(node.name);
    if (served?.node.incarnation === node.incarnation) served.isCurrent = false;
  }

  /** It is lost; null when it was not there. */
  remove(name: string): ViewChange<T> | null {
    const served = this.#nodes.get(name);
    if (served === undefined) return null;
    const { node } = served;
    const removed = [...served.segments];
    this.#nodes.delete(name);
    for (const id of removed) this.#takeOut(served, id);
    const isLiveChanged = served.log !== null;
    this.#setLog(served, null);
    return { node, added: [], removed, isLiveChanged, served: null };
  }

  /** What a node told; null when it is not of the incarnation that is here, or nothing in it is new. */
  apply(name: string, told: Announcement<T>): ViewChange<T> | null {
    const served = this.#nodes.get(name);
    if (served === undefined || served.node.incarnation !== told.incarnation) return null;
    const isRenewed = !served.isCurrent;
    served.isCurrent = true;
    if (served.number === told.number) return isRenewed ? changeOf(served, [], [], false) : null;
    served.number = told.number;
    const removed = this.#removeSegments(served, told);
    const added = told.added.filter((id) => this.#putIn(served, id));
    const isLiveChanged = this.#applyLive(served, told);
    return changeOf(served, added, removed, isLiveChanged);
  }

  #removeSegments(served: Served<T>, { isWhole, added, removed }: Announcement<T>): string[] {
    const kept = new Set(isWhole ? added : []);
    const gone = isWhole ? [...served.segments].filter((id) => !kept.has(id)) : removed;
    return gone.filter((id) => {
      const wasHere = served.segments.delete(id);
      this.#takeOut(served, id);
      return wasHere;
    });
  }

  #applyLive(served: Served<T>, { isWhole, live }: Announcement<T>): boolean {
    const before = served.log;
    if (live === null) {
      this.#setLog(served, null);
      return before !== null;
    }
    const isSameLog = before?.logId === live.logId && !isWhole;
    const tables = new Map(isSameLog ? before.tables : []);
    for (const [name, table] of live.tables) {
      if (table === null) tables.delete(name);
      else tables.set(name, table);
    }
    this.#setLog(served, { logId: live.logId, position: live.position, tables });
    return !isSameLog || live.tables.size > 0 || before.position !== live.position;
  }

  #setLog(served: Served<T>, log: ServedLog<T> | null): void {
    const before = served.log;
    if (before !== null && this.#byLog.get(before.logId) === served) {
      this.#byLog.delete(before.logId);
    }
    served.log = log;
    if (log !== null) this.#byLog.set(log.logId, served);
  }

  /** False when it was there. */
  #putIn(served: Served<T>, id: string): boolean {
    if (served.segments.has(id)) return false;
    served.segments.add(id);
    const nodes = this.#bySegment.get(id);
    if (nodes === undefined) this.#bySegment.set(id, new Set([served]));
    else nodes.add(served);
    return true;
  }

  #takeOut(served: Served<T>, id: string): void {
    const nodes = this.#bySegment.get(id);
    if (nodes?.delete(served) && nodes.size === 0) this.#bySegment.delete(id);
  }
}

const changeOf = <T>(
  served: Served<T>,
  added: readonly string[],
  removed: readonly string[],
  isLiveChanged: boolean,
): ViewChange<T> => ({ node: served.node, added, removed, isLiveChanged, served });
