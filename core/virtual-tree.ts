import { noSuchFile, refusal } from './disk-errors.js';

/**
 * The state of a virtual disk: what programs see now, what is surely stored, and the steps between
 * the two that a power cut may keep or lose one by one.
 */
export type VirtualNode = VirtualFile | VirtualDirectory;

/** Pages are stored or lost whole, as caches write them. */
export const VIRTUAL_PAGE_BYTES = 4096;

/** One step on a file that was not synced: at most one page written, or the file emptied. */
export interface PendingWrite {
  /** Grows over all steps of the disk. */
  readonly order: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** True when the step empties the file instead of writing. */
  readonly truncates: boolean;
}

/** What some name of a directory becomes; null when it goes. */
export interface NameChange {
  readonly directory: VirtualDirectory;
  readonly name: string;
  readonly node: VirtualNode | null;
}

/** Name changes that are stored together or not at all: a rename is one step, as in a journal. */
export interface PendingNames {
  readonly order: number;
  readonly changes: readonly NameChange[];
}

/** Invariant: `synced` with `pending` applied in order is `current`, unless a sync failed. */
export class VirtualFile {
  current: Uint8Array = new Uint8Array(0);
  synced: Uint8Array = new Uint8Array(0);
  pending: PendingWrite[] = [];
  /** The order of the last step on it: time, as far as this disk knows it. */
  modified = 0;
}

/** Invariant: `synced` with `pending` applied in order is `current`. */
export class VirtualDirectory {
  current = new Map<string, VirtualNode>();
  synced = new Map<string, VirtualNode>();
  pending: PendingNames[] = [];
}

/**
 * `content` after one step. May write into `content` and the spare room behind it, so the caller
 * must own it and go on with the answer alone.
 */
export function applyWrite(content: Uint8Array, write: PendingWrite): Uint8Array {
  if (write.truncates) return new Uint8Array(0);
  const end = Math.max(content.length, write.offset + write.bytes.length);
  const target = end > content.length ? extend(content, end) : content;
  target.set(write.bytes, write.offset);
  return target;
}

/** A view of `content` with zeros behind it; a page lost in between leaves a hole of zeros. */
function extend(content: Uint8Array, length: number): Uint8Array {
  // Files are written in pieces: doubling keeps the cost of a long one linear.
  if (length <= content.buffer.byteLength) return new Uint8Array(content.buffer, 0, length);
  const wider = new Uint8Array(Math.max(length, 2 * content.length));
  wider.set(content);
  return wider.subarray(0, length);
}

export function applyChange(entries: Map<string, VirtualNode>, change: NameChange): void {
  if (change.node === null) entries.delete(change.name);
  else entries.set(change.name, change.node);
}

/** Makes a directory's names durable, with those of others that a rename ties to it. */
export function syncNames(directory: VirtualDirectory): void {
  const tied = new Set([directory]);
  const steps = new Set<PendingNames>();
  for (const each of tied) {
    for (const step of each.pending) {
      steps.add(step);
      for (const change of step.changes) tied.add(change.directory);
    }
    each.pending = [];
  }
  for (const step of [...steps].sort((a, b) => a.order - b.order)) {
    for (const change of step.changes) applyChange(change.directory.synced, change);
  }
}

/** Finds nodes by absolute path, as programs see them. `.` and `..` count; there are no links. */
export class VirtualTree {
  constructor(readonly root: VirtualDirectory) {}

  find(path: string): VirtualNode | null {
    let node: VirtualNode | null = this.root;
    for (const name of namesOf(path)) {
      node = node instanceof VirtualDirectory ? (node.current.get(name) ?? null) : null;
    }
    return node;
  }

  directory(verb: string, path: string): VirtualDirectory {
    const node = this.find(path);
    if (node instanceof VirtualDirectory) return node;
    throw noSuchFile(verb, path);
  }

  /** The directory that holds (or would hold) the last name of `path`, and that name. */
  parent(verb: string, path: string): { directory: VirtualDirectory; name: string } {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw refusal(verb, path, 'EPERM');
    return { directory: this.directory(verb, `/${names.join('/')}`), name };
  }
}

/** The names along a path, `.` and `..` resolved. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}
