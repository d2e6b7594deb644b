import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Disk, writeFileAtomically } from './disk.js';
import { InternalError, NotFoundError, UnavailableError } from './errors.js';
import { RealDisk } from './real-disk.js';
import { temporaryDirectory } from './testing.js';
import { utf8Decode, utf8Encode } from './text.js';
import { VirtualDisk } from './virtual-disk.js';

/** What every Disk promises; `open` gives a disk and a directory on it that is empty. */
const DISKS = [
  {
    name: 'RealDisk',
    open: () => ({
      disk: new RealDisk() as Disk,
      root: temporaryDirectory('disk', onTestFinished),
    }),
  },
  {
    name: 'VirtualDisk',
    open: () => {
      const disk = new VirtualDisk();
      disk.makeDirectory('/a/b');
      return { disk: disk as Disk, root: '/a/b' };
    },
  },
];

function put(disk: Disk, path: string, text: string): void {
  const file = disk.create(path);
  file.write(utf8Encode(text));
  file.sync();
  file.close();
}

const read = (disk: Disk, path: string) => utf8Decode(disk.readFile(path));

describe.each(DISKS)('$name', ({ open }) => {
  test('gives back what was written, in parts and as a whole', () => {
    const { disk, root } = open();
    const path = `${root}/file`;
    const file = disk.create(path);
    file.write(utf8Encode('hello, '));
    file.write(new Uint8Array(0));
    file.write(utf8Encode('world'));
    file.sync();
    file.close();
    expect(read(disk, path)).toBe('hello, world');
    expect(disk.stat(path)).toMatchObject({ kind: 'file', sizeBytes: 12 });
    const reader = disk.openRead(path);
    const target = new Uint8Array(new SharedArrayBuffer(5));
    reader.readInto(target, 7);
    expect(utf8Decode(target)).toBe('world');
    expect(reader.sizeBytes).toBe(12);
    expect(() => reader.readInto(target, 8)).toThrow(UnavailableError);
    expect(() => reader.readInto(target, 8)).toThrow(/ends at byte 12, 13 were wanted/);
    reader.close();
  });

  test('creating empties, appending adds at the end and creates', () => {
    const { disk, root } = open();
    const path = `${root}/log`;
    for (const text of ['one', 'two']) {
      const file = disk.openAppend(path);
      file.write(utf8Encode(text));
      file.close();
    }
    expect(read(disk, path)).toBe('onetwo');
    put(disk, path, 'x');
    expect(read(disk, path)).toBe('x');
  });

  test('a large file keeps every byte', () => {
    const { disk, root } = open();
    const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 31) >>> 3);
    const file = disk.create(`${root}/large`);
    for (let at = 0; at < bytes.length; at += 999_999) file.write(bytes.subarray(at, at + 999_999));
    file.close();
    expect(Buffer.compare(disk.readFile(`${root}/large`), bytes)).toBe(0);
  });

  test('a missing name is NotFoundError, or nothing where nothing is fine', () => {
    const { disk, root } = open();
    const path = `${root}/missing`;
    for (const call of [
      () => disk.openRead(path),
      () => disk.readFile(path),
      () => disk.rename(path, `${root}/other`),
      () => disk.create(`${path}/below`),
      () => disk.openAppend(`${path}/below`),
      () => disk.syncDirectory(path),
      () => disk.realPath(path),
    ]) {
      expect(call).toThrow(NotFoundError);
      expect(call).toThrow(path);
    }
    expect(disk.stat(path)).toBeNull();
    expect(disk.list(path)).toEqual([]);
    disk.remove(path);
    disk.remove(`${path}/below`);
    disk.removeTree(path);
    put(disk, `${root}/file`, '');
    expect(disk.stat(`${root}/file/below`)).toBeNull();
    expect(() => disk.openRead(`${root}/file/below`)).toThrow(NotFoundError);
  });

  test('only regular files are read, only free names are written', () => {
    const { disk, root } = open();
    disk.makeDirectory(`${root}/d`);
    expect(() => disk.openRead(`${root}/d`)).toThrow(NotFoundError);
    for (const call of [
      () => disk.create(`${root}/d`),
      () => disk.openAppend(`${root}/d`),
      () => disk.remove(`${root}/d`),
    ]) {
      expect(call).toThrow(UnavailableError);
      expect(call).toThrow(/it is a directory/);
    }
    put(disk, `${root}/f`, 'x');
    expect(() => disk.makeDirectory(`${root}/f`)).toThrow(/something else has that name/);
    expect(() => disk.makeDirectory(`${root}/f/below`)).toThrow(UnavailableError);
  });

  test('directories are made with their parents, listed in code point order, and removed whole', () => {
    const { disk, root } = open();
    disk.makeDirectory(`${root}/x/y/z`);
    disk.makeDirectory(`${root}/x/y/z`);
    for (const name of ['b', 'a10', 'a9', '\uffee', '\u{1f600}']) {
      put(disk, `${root}/x/${name}`, name);
    }
    expect(disk.list(`${root}/x`)).toEqual(['a10', 'a9', 'b', 'y', '\uffee', '\u{1f600}']);
    expect(disk.stat(`${root}/x/y`)).toMatchObject({ kind: 'directory', sizeBytes: 0 });
    disk.removeTree(`${root}/x`);
    expect(disk.list(root)).toEqual([]);
  });

  test('rename replaces a file, and refuses what it cannot replace', () => {
    const { disk, root } = open();
    put(disk, `${root}/a`, 'a');
    put(disk, `${root}/b`, 'b');
    disk.rename(`${root}/a`, `${root}/b`);
    disk.rename(`${root}/b`, `${root}/b`);
    expect(disk.list(root)).toEqual(['b']);
    expect(read(disk, `${root}/b`)).toBe('a');
    disk.makeDirectory(`${root}/d/full`);
    disk.makeDirectory(`${root}/e`);
    expect(() => disk.rename(`${root}/b`, `${root}/d`)).toThrow(/it is a directory/);
    expect(() => disk.rename(`${root}/e`, `${root}/d`)).toThrow(/the directory is not empty/);
    expect(() => disk.rename(`${root}/d`, `${root}/d/full/x`)).toThrow(UnavailableError);
    disk.rename(`${root}/d`, `${root}/e`);
    disk.rename(`${root}/b`, `${root}/e/full/c`);
    expect(disk.list(`${root}/e/full`)).toEqual(['c']);
    expect(disk.list(root)).toEqual(['e']);
  });

  test('an open file outlives its name', () => {
    const { disk, root } = open();
    put(disk, `${root}/a`, 'still here');
    const file = disk.openRead(`${root}/a`);
    disk.remove(`${root}/a`);
    const target = new Uint8Array(10);
    file.readInto(target, 0);
    expect(utf8Decode(target)).toBe('still here');
    file.close();
  });

  test('a closed handle is not used again, and closes twice', () => {
    const { disk, root } = open();
    const file = disk.create(`${root}/a`);
    file.close();
    file.close();
    expect(() => file.write(new Uint8Array(1))).toThrow(InternalError);
    expect(() => file.sync()).toThrow(InternalError);
    const reader = disk.openRead(`${root}/a`);
    reader.close();
    reader.close();
    expect(() => reader.readInto(new Uint8Array(0), 0)).toThrow(InternalError);
  });

  test('paths are resolved', () => {
    const { disk, root } = open();
    disk.makeDirectory(`${root}/x`);
    expect(disk.realPath(`${root}/x/../x/.`)).toBe(`${root}/x`);
  });

  test('an atomic write replaces the content and leaves nothing else', () => {
    const { disk, root } = open();
    for (const text of ['first', 'second']) {
      writeFileAtomically(disk, `${root}/state`, utf8Encode(text));
      expect(read(disk, `${root}/state`)).toBe(text);
    }
    expect(disk.list(root)).toEqual(['state']);
  });
});

const name = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e');
const step = fc.oneof(
  fc.tuple(fc.constantFrom('create', 'append'), name, fc.string({ maxLength: 5 })),
  fc.tuple(fc.constant('rename'), name, name),
  fc.tuple(
    fc.constantFrom('remove', 'removeTree', 'mkdir', 'list', 'read', 'sync', 'stat'),
    name,
    fc.constant(''),
  ),
);

/** Does one step and tells its answer or the kind of its error. */
function act(disk: Disk, root: string, [what, a, b]: readonly [string, string, string]): unknown {
  const path = `${root}/${a}`;
  const calls: Record<string, () => unknown> = {
    create: () => put(disk, path, b),
    append: () => {
      const file = disk.openAppend(path);
      file.write(utf8Encode(b));
      file.close();
    },
    rename: () => disk.rename(path, `${root}/${b}`),
    remove: () => disk.remove(path),
    removeTree: () => disk.removeTree(path),
    mkdir: () => disk.makeDirectory(path),
    list: () => disk.list(path),
    read: () => read(disk, path),
    sync: () => disk.syncDirectory(path),
    stat: () => {
      const stat = disk.stat(path);
      return stat && [stat.kind, stat.sizeBytes];
    },
  };
  try {
    return calls[what]!();
  } catch (error) {
    return (error as Error).name;
  }
}

test('the virtual disk answers every sequence of calls as the real one does', () => {
  const real = new RealDisk();
  const base = temporaryDirectory('compare', onTestFinished);
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const root = `${base}/${run++}`;
      real.makeDirectory(root);
      const virtual = new VirtualDisk();
      for (const each of steps) {
        expect(act(virtual, '/', each), each.join(' ')).toEqual(act(real, root, each));
      }
    }),
    {
      numRuns: 150,
      examples: [
        [
          [
            ['mkdir', 'd/a', ''],
            ['create', 'd/b', ''],
            ['rename', 'd', 'd/b'],
          ],
        ],
      ],
    },
  );
});
