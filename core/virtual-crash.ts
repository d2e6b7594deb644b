import {
  applyChange,
  applyWrite,
  type PendingNames,
  type PendingWrite,
  VirtualDirectory,
  VirtualFile,
  type VirtualNode,
} from './virtual-tree.js';
import type { Random } from './world.js';

/**
 * Which unsynced steps a power cut leaves behind:
 *
 *   synced-only   none
 *   everything    all
 *   random        each page and each change of names by itself with probability `random`
 *   torn-last     all, but of the page written last only a beginning of random length
 */
export type CrashRule = 'synced-only' | 'everything' | 'torn-last' | { readonly random: number };

/** The tree as found after a power cut. `root` stays as it is and shares nothing with the answer. */
export function survivors(
  root: VirtualDirectory,
  rule: CrashRule,
  random: Random,
): VirtualDirectory {
  return new Survivors(rule, random, lastWrite(root)).directory(root);
}

class Survivors {
  private readonly copies = new Map<VirtualNode, VirtualNode>();
  private readonly fates = new Map<PendingNames, boolean>();

  constructor(
    private readonly rule: CrashRule,
    private readonly random: Random,
    private readonly last: PendingWrite | null,
  ) {}

  directory(node: VirtualDirectory): VirtualDirectory {
    const copy = new VirtualDirectory();
    this.copies.set(node, copy);
    const names = new Map(node.synced);
    for (const step of node.pending) {
      if (!this.namesSurvive(step)) continue;
      for (const change of step.changes) if (change.directory === node) applyChange(names, change);
    }
    for (const [name, child] of names) copy.current.set(name, this.copyOf(child));
    copy.synced = new Map(copy.current);
    return copy;
  }

  private copyOf(node: VirtualNode): VirtualNode {
    const known = this.copies.get(node);
    if (known !== undefined) return known;
    return node instanceof VirtualDirectory ? this.directory(node) : this.file(node);
  }

  private file(node: VirtualFile): VirtualFile {
    const copy = new VirtualFile();
    this.copies.set(node, copy);
    let content: Uint8Array = node.synced.slice();
    for (const write of node.pending) {
      const found = this.found(write);
      if (found !== null) content = applyWrite(content, found);
    }
    copy.current = content;
    copy.synced = content.slice();
    return copy;
  }

  /** A step that ties two directories together has one fate. */
  private namesSurvive(step: PendingNames): boolean {
    const known = this.fates.get(step);
    if (known !== undefined) return known;
    const fate = this.survives();
    this.fates.set(step, fate);
    return fate;
  }

  /** What is found of a write: all, a part, or nothing. */
  private found(write: PendingWrite): PendingWrite | null {
    if (this.rule === 'torn-last' && write === this.last) {
      if (write.truncates) return null;
      const length = this.random.nextUint32() % write.bytes.length;
      return { ...write, bytes: write.bytes.subarray(0, length) };
    }
    return this.survives() ? write : null;
  }

  private survives(): boolean {
    if (this.rule === 'synced-only') return false;
    if (typeof this.rule === 'string') return true;
    return this.random.nextUint32() < this.rule.random * 2 ** 32;
  }
}

/** The youngest unsynced write below a directory. */
function lastWrite(root: VirtualDirectory): PendingWrite | null {
  let last: PendingWrite | null = null;
  for (const child of root.current.values()) {
    const found = child instanceof VirtualFile ? (child.pending.at(-1) ?? null) : lastWrite(child);
    if (found !== null && (last === null || found.order > last.order)) last = found;
  }
  return last;
}
