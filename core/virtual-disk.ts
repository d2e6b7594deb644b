import type { Disk, FileStat, ReadFile, WriteFile } from './disk.js';
import { fileEndsEarly, noSuchFile, refusal } from './disk-errors.js';
import { invariant, NotFoundError } from './errors.js';
import {
  type DiskFault,
  type DiskOperationKind,
  type FaultPlan,
  PowerCutError,
} from './fault-plan.js';
import { compareText } from './text.js';
import { type CrashRule, survivors } from './virtual-crash.js';
import {
  applyChange,
  applyWrite,
  type NameChange,
  namesOf,
  type PendingWrite,
  syncNames,
  VIRTUAL_PAGE_BYTES,
  VirtualDirectory,
  VirtualFile,
  type VirtualNode,
  VirtualTree,
} from './virtual-tree.js';
import type { Random } from './world.js';

export interface VirtualDiskOptions {
  readonly faults?: FaultPlan;
  /** As for `RealDisk`. */
  readonly onFatal?: (error: Error) => void;
}

/**
 * A file system in memory that can lose power and fail at any call, for tests.
 *
 * It promises no more than POSIX does: written bytes survive after `sync` of their file, names after
 * `syncDirectory` of their directory, whatever else happened. After a failed sync the bytes written
 * since the last good one are lost to the disk although reads still see them, and a later sync that
 * succeeds does not bring them back (as Linux behaves).
 */
export class VirtualDisk implements Disk {
  private tree = new VirtualTree(new VirtualDirectory());
  private faults: FaultPlan | null;
  private operations = 0;
  private steps = 0;

  constructor(private readonly options: VirtualDiskOptions = {}) {
    this.faults = options.faults ?? null;
  }

  /** How many calls were made. */
  get operationCount(): number {
    return this.operations;
  }

  /** Replaces the fault plan from the next call on. */
  setFaults(faults: FaultPlan | null): void {
    this.faults = faults;
  }

  /** The disk as found after a power cut now. This one stays as it is. Equal chance gives equal disks. */
  crash(rule: CrashRule, random: Random): VirtualDisk {
    const found = new VirtualDisk();
    found.tree = new VirtualTree(survivors(this.tree.root, rule, random));
    return found;
  }

  openRead(path: string): ReadFile {
    this.perform('openRead', path);
    const node = this.tree.find(path);
    if (node === null) throw noSuchFile('open', path);
    if (!(node instanceof VirtualFile)) {
      throw new NotFoundError(`${path} is not a regular file`, { path });
    }
    return this.reader(node, path);
  }

  create(path: string): WriteFile {
    this.perform('create', path);
    const file = this.fileForWriting('create', path);
    if (file.current.length > 0) {
      const nothing = new Uint8Array(0);
      this.writePage(file, { order: this.steps++, offset: 0, bytes: nothing, truncates: true });
    }
    let position = 0;
    return this.writer(file, path, (bytes) => {
      this.store(file, position, bytes);
      position += bytes.length;
    });
  }

  openAppend(path: string): WriteFile {
    this.perform('openAppend', path);
    const file = this.fileForWriting('open', path);
    return this.writer(file, path, (bytes) => this.store(file, file.current.length, bytes));
  }

  readFile(path: string): Uint8Array {
    const file = this.openRead(path);
    const bytes = new Uint8Array(file.sizeBytes);
    file.readInto(bytes, 0);
    return bytes;
  }

  stat(path: string): FileStat | null {
    this.perform('stat', path);
    const node = this.tree.find(path);
    if (node === null) return null;
    if (node instanceof VirtualDirectory) return { kind: 'directory', sizeBytes: 0, modifiedMs: 0 };
    return { kind: 'file', sizeBytes: node.current.length, modifiedMs: node.modified };
  }

  list(path: string): string[] {
    this.perform('list', path);
    const node = this.tree.find(path);
    return node instanceof VirtualDirectory ? [...node.current.keys()].sort(compareText) : [];
  }

  makeDirectory(path: string): void {
    const names = namesOf(path);
    const parent = `/${names.slice(0, -1).join('/')}`;
    const present = this.tree.find(path);
    if (!(present instanceof VirtualDirectory)) {
      this.makeDirectory(parent);
      this.perform('makeDirectory', path);
      if (present !== null) throw refusal('create', path, 'EEXIST');
      this.link(this.tree.directory('create', parent), names.at(-1)!, new VirtualDirectory());
    }
    this.syncDirectory(parent);
  }

  rename(from: string, to: string): void {
    this.perform('rename', from);
    const source = this.tree.parent('rename', from);
    const target = this.tree.parent('rename', to);
    const node = source.directory.current.get(source.name);
    if (node === undefined) throw noSuchFile('rename', from);
    if (this.tree.find(to) === node) return;
    // In the order in which Linux checks: a directory into itself, then what would be replaced.
    if (isWithin(from, to)) throw refusal('rename', from, 'EINVAL');
    checkReplaceable(node, target.directory.current.get(target.name), from);
    this.change([
      { directory: source.directory, name: source.name, node: null },
      { directory: target.directory, name: target.name, node },
    ]);
  }

  remove(path: string): void {
    this.perform('remove', path);
    const node = this.tree.find(path);
    if (node === null) return;
    if (node instanceof VirtualDirectory) throw refusal('remove', path, 'EISDIR');
    this.unlink(path);
  }

  removeTree(path: string): void {
    const node = this.tree.find(path);
    if (node instanceof VirtualDirectory) {
      for (const name of [...node.current.keys()]) this.removeTree(`${path}/${name}`);
    }
    this.perform('remove', path);
    if (node !== null) this.unlink(path);
  }

  syncDirectory(path: string): void {
    const fault = this.ask('syncDirectory', path);
    const directory = this.tree.directory('open', path);
    if (fault !== null) this.die(fault);
    syncNames(directory);
  }

  realPath(path: string): string {
    this.perform('realPath', path);
    if (this.tree.find(path) === null) throw noSuchFile('resolve', path);
    return `/${namesOf(path).join('/')}`;
  }

  private reader(file: VirtualFile, path: string): ReadFile {
    let open = true;
    return {
      sizeBytes: file.current.length,
      readInto: (target, offset) => {
        invariant(open, `read of the closed file ${path}`);
        this.perform('read', path);
        const end = offset + target.length;
        if (end > file.current.length) throw fileEndsEarly(path, end, file.current.length);
        target.set(file.current.subarray(offset, end));
      },
      close: () => {
        open = false;
      },
    };
  }

  private writer(file: VirtualFile, path: string, append: (bytes: Uint8Array) => void): WriteFile {
    let open = true;
    return {
      write: (bytes) => {
        invariant(open, `write to the closed file ${path}`);
        const fault = this.ask('write', path);
        append(fault === null ? bytes : bytes.subarray(0, fault.writtenBytes ?? 0));
        if (fault !== null) throw fault.error;
      },
      sync: () => {
        invariant(open, `sync of the closed file ${path}`);
        this.syncFile(file, path);
      },
      close: () => {
        open = false;
      },
    };
  }

  private syncFile(file: VirtualFile, path: string): void {
    const fault = this.ask('sync', path);
    if (fault !== null) {
      // The pages are marked clean although they were never stored.
      file.pending = [];
      this.die(fault);
    }
    for (const write of file.pending) file.synced = applyWrite(file.synced, write);
    file.pending = [];
  }

  private fileForWriting(verb: string, path: string): VirtualFile {
    const { directory, name } = this.tree.parent(verb, path);
    const present = directory.current.get(name);
    if (present instanceof VirtualFile) return present;
    if (present !== undefined) throw refusal(verb, path, 'EISDIR');
    const file = new VirtualFile();
    this.link(directory, name, file);
    return file;
  }

  /** Writes page by page, so that a crash can keep some and lose others. */
  private store(file: VirtualFile, offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const at = offset + done;
      const size = Math.min(bytes.length - done, VIRTUAL_PAGE_BYTES - (at % VIRTUAL_PAGE_BYTES));
      const page = bytes.slice(done, done + size);
      this.writePage(file, { order: this.steps++, offset: at, bytes: page, truncates: false });
      done += size;
    }
  }

  private writePage(file: VirtualFile, write: PendingWrite): void {
    file.pending.push(write);
    file.current = applyWrite(file.current, write);
    file.modified = write.order;
  }

  private link(directory: VirtualDirectory, name: string, node: VirtualNode): void {
    this.change([{ directory, name, node }]);
  }

  private unlink(path: string): void {
    const { directory, name } = this.tree.parent('remove', path);
    this.change([{ directory, name, node: null }]);
  }

  /** One step on names: seen at once, durable after a sync of the directory. */
  private change(changes: readonly NameChange[]): void {
    const step = { order: this.steps++, changes };
    for (const change of changes) applyChange(change.directory.current, change);
    for (const directory of new Set(changes.map((each) => each.directory))) {
      directory.pending.push(step);
    }
  }

  private perform(kind: DiskOperationKind, path: string): void {
    const fault = this.ask(kind, path);
    if (fault !== null) throw fault.error;
  }

  /** Counts a call and asks the fault plan about it. */
  private ask(kind: DiskOperationKind, path: string): DiskFault | null {
    const index = this.operations++;
    const fault = this.faults?.({ index, kind, path }) ?? null;
    // Without power nothing happens any more, not even the consequences of a failure.
    if (fault?.error instanceof PowerCutError) throw fault.error;
    return fault;
  }

  private die(fault: DiskFault): never {
    this.options.onFatal?.(fault.error);
    throw fault.error;
  }
}

/** Refuses what `rename` of the system refuses to replace. */
function checkReplaceable(node: VirtualNode, present: VirtualNode | undefined, from: string): void {
  if (present === undefined) return;
  if (node instanceof VirtualFile) {
    if (present instanceof VirtualDirectory) throw refusal('rename', from, 'EISDIR');
  } else if (present instanceof VirtualFile) throw noSuchFile('rename', from);
  else if (present.current.size > 0) throw refusal('rename', from, 'ENOTEMPTY');
}

function isWithin(ancestor: string, path: string): boolean {
  return `/${namesOf(path).join('/')}/`.startsWith(`/${namesOf(ancestor).join('/')}/`);
}
