import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { NotFoundError, UnavailableError, type VarveError } from './errors.js';
import { RealDisk } from './real-disk.js';
import { temporaryDirectory } from './testing.js';
import { utf8Encode } from './text.js';

const onLinux = test.runIf(process.platform === 'linux');

onLinux('a full disk is said in plain words', () => {
  const file = new RealDisk().create('/dev/full');
  const write = () => file.write(utf8Encode('x'));
  expect(write).toThrow(UnavailableError);
  expect(write).toThrow('cannot write /dev/full: the disk is full');
  file.close();
});

onLinux('a failed sync goes to onFatal, and is thrown even when that returns', () => {
  const fatal: VarveError[] = [];
  const disk = new RealDisk({ onFatal: (error) => fatal.push(error) });
  // The system refuses to sync a device of characters.
  const file = disk.create('/dev/full');
  expect(() => file.sync()).toThrow(UnavailableError);
  expect(fatal).toHaveLength(1);
  expect(fatal[0]!.message).toMatch(/^cannot sync \/dev\/full/);
  file.close();
  const strict = new RealDisk().create('/dev/full');
  expect(() => strict.sync()).toThrow(/^cannot sync/);
  strict.close();
});

onLinux('a pipe is not read, and opening it does not wait', () => {
  const path = `${temporaryDirectory('pipe', onTestFinished)}/pipe`;
  execFileSync('mkfifo', [path]);
  expect(() => new RealDisk().openRead(path)).toThrow(NotFoundError);
  expect(() => new RealDisk().openRead('/dev/zero')).toThrow(/not a regular file/);
  expect(new RealDisk().stat(path)).toMatchObject({ kind: 'other', sizeBytes: 0 });
});

test('links: stat sees the link, realPath where it leads, removeTree only the link', () => {
  const disk = new RealDisk();
  const root = temporaryDirectory('link', onTestFinished);
  disk.makeDirectory(`${root}/target`);
  disk.create(`${root}/target/file`).close();
  disk.makeDirectory(`${root}/tree`);
  symlinkSync(`${root}/target`, `${root}/tree/link`);
  symlinkSync(`${root}/nowhere`, `${root}/dangling`);
  expect(disk.stat(`${root}/tree/link`)).toMatchObject({ kind: 'other', sizeBytes: 0 });
  expect(disk.stat(`${root}/dangling`)?.kind).toBe('other');
  expect(disk.realPath(`${root}/tree/link/file`)).toBe(`${root}/target/file`);
  expect(() => disk.realPath(`${root}/dangling`)).toThrow(NotFoundError);
  disk.makeDirectory(`${root}/tree/link`);
  disk.removeTree(`${root}/tree`);
  expect(disk.list(root)).toEqual(['dangling', 'target']);
  expect(disk.list(`${root}/target`)).toEqual(['file']);
});

test('an error keeps the path, the code of the system and its cause', () => {
  const disk = new RealDisk();
  const root = temporaryDirectory('error', onTestFinished);
  try {
    disk.create(root);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as UnavailableError).context).toEqual({ path: root, code: 'EISDIR' });
    expect((error as UnavailableError).cause).toBeInstanceOf(Error);
  }
});

test('a mistaken call of ours is no fault of the disk', () => {
  const root = temporaryDirectory('bug', onTestFinished);
  const disk = new RealDisk();
  disk.create(`${root}/f`).close();
  const file = disk.openRead(`${root}/f`);
  expect(() => file.readInto(new Uint8Array(1), -5)).toThrow(RangeError);
  file.close();
});
