import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock, RealDisk } from '../../../core/index.js';
import { readLocal } from './local.js';
import type { InputEntity, InputEnvironment } from './source.js';

let base = '';
let root = '';
let environment: InputEnvironment;

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'local-source-')));
  root = join(base, 'root');
  for (const directory of ['root/sub/deep', 'root2', 'outside']) {
    mkdirSync(join(base, directory), { recursive: true });
  }
  const files: Record<string, string | Uint8Array> = {
    'root/b.json': 'b',
    'root/a.json': 'a',
    'root/c.csv': 'c',
    'root/empty.json': '',
    'root/sub/deep/d.json': 'd',
    'root/big.bin': new Uint8Array(2_500_000).fill(7),
    'root/packed.txt.gz': gzipSync('unpacked'),
    'root2/secret.json': 's',
    'outside/secret.json': 's',
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(join(base, path), content);
  symlinkSync(join(root, 'a.json'), join(root, 'inside.link'));
  symlinkSync(join(base, 'outside/secret.json'), join(root, 'leak.link'));
  symlinkSync(join(base, 'outside'), join(root, 'sub/way-out'));
  symlinkSync('/dev/zero', join(root, 'zero.device'));
  symlinkSync(root, join(base, 'alias'));
  environment = {
    disk: new RealDisk(),
    localRoots: [root],
    httpHosts: [],
    fetch: () => Promise.reject(new Error('no network')),
    maxEntityBytes: 3_000_000,
    clock: new ManualClock(0),
  };
});

afterAll(() => rmSync(base, { recursive: true }));

const source = (settings: object) => readLocal(settings, 'inputSource');
const entities = (settings: object) => source(settings).entities(environment);
const text = async (entity: InputEntity) => Buffer.from(await entity.bytes()).toString();

test('a directory is read recursively, sorted, by wildcard', async () => {
  const found = entities({ baseDir: root, filter: '*.json' });
  expect(found.map(({ uri }) => uri)).toEqual(
    ['a.json', 'b.json', 'sub/deep/d.json'].map((name) => `file:${join(root, name)}`),
  );
  expect(await Promise.all(found.map(text))).toEqual(['a', 'b', 'd']);
  expect(found[0]?.sizeBytes).toBe(1);
});

test('files are read in the order given; links inside the root are followed', async () => {
  const files = ['b.json', 'a.json', 'inside.link'].map((name) => join(root, name));
  expect(await Promise.all(entities({ files }).map(text))).toEqual(['b', 'a', 'a']);
  expect(await text(entities({ files: [join(base, 'alias', 'b.json')] })[0]!)).toBe('b');
});

test('large files come in pieces, packed ones unpacked', async () => {
  const [big] = entities({ files: [join(root, 'big.bin')] });
  const sizes: number[] = [];
  for await (const chunk of big!.chunks()) sizes.push(chunk.length);
  expect(sizes).toEqual([1_048_576, 1_048_576, 402_848]);
  const [packed] = entities({ files: [join(root, 'packed.txt.gz')] });
  expect(await text(packed!)).toBe('unpacked');
});

test.each([
  ['an absolute path elsewhere', () => '/etc/passwd'],
  ['a missing path elsewhere', () => '/no/such/place'],
  ['a directory beside whose name begins alike', () => join(base, 'root2', 'secret.json')],
  ['the parent', () => base],
  ['a link that leads out', () => join(root, 'leak.link')],
  ['below a link that leads out', () => join(root, 'sub/way-out/secret.json')],
  ['something missing below a link that leads out', () => join(root, 'sub/way-out/none')],
  ['a device', () => '/dev/zero'],
  ['a link to a device', () => join(root, 'zero.device')],
])('%s is refused when submitted and when read', (_, path) => {
  for (const settings of [{ files: [path()] }, { baseDir: path(), filter: '*' }]) {
    for (const refused of [
      () => source(settings).check(environment),
      () => source(settings).entities(environment),
    ]) {
      expect(refused).toThrow(path());
      expect(refused).toThrow(`allowed: ${root}`);
      expect(refused).toThrow('--local-root');
    }
  }
});

test.each([
  'root/../outside/secret.json',
  'root/..',
  'root/sub/../../root2/secret.json',
  'root\\..\\outside',
])('climbing out by %j is refused', (path) => {
  expect(() => source({ files: [`${base}/${path}`] }).check(environment)).toThrow('--local-root');
});

test('climbing inside the root is fine; a ".." behind a link does not leave by its target', async () => {
  expect(await text(entities({ files: [`${root}/sub/../a.json`] })[0]!)).toBe('a');
  expect(await text(entities({ files: [`${root}/sub/way-out/../../b.json`] })[0]!)).toBe('b');
  expect(() => entities({ files: [`${root}/a.json\0`] })).toThrow('NUL');
});

test('a link that leads out stops the listing that meets it', () => {
  expect(() => entities({ baseDir: root, filter: '*.link' })).toThrow('--local-root');
  expect(() => entities({ baseDir: root, filter: '*.device' })).toThrow('--local-root');
});

test('without roots nothing may be read', () => {
  const closed = { ...environment, localRoots: [] };
  expect(() => source({ files: [join(root, 'a.json')] }).check(closed)).toThrow('none is allowed');
});

test('what is missing is named, when read', () => {
  const missing = { files: [join(root, 'none.json')] };
  expect(() => source(missing).check(environment)).not.toThrow();
  expect(() => entities(missing)).toThrow(/none\.json" not found/);
  expect(() => entities({ files: [join(root, 'sub')] })).toThrow('not found: no such file');
  expect(() => entities({ baseDir: join(root, 'x/y'), filter: '*' })).toThrow(/x\/y" not found/);
});

test('a file that became a link after it was listed is not read', async () => {
  const path = join(root, 'sub', 'later.json');
  writeFileSync(path, 'fine');
  const [entity] = entities({ files: [path] });
  rmSync(path);
  symlinkSync(join(base, 'outside/secret.json'), path);
  await expect(text(entity!)).rejects.toThrow('has left the directories');
  rmSync(path);
});

test('an entity beyond the limit is an error', async () => {
  const small = { ...environment, maxEntityBytes: 1_000_000 };
  const [big] = source({ files: [join(root, 'big.bin')] }).entities(small);
  await expect(text(big!)).rejects.toThrow('more than 1000000 bytes');
});

test.each([
  [{}, 'baseDir'],
  [{ baseDir: '/x' }, 'filter'],
  [{ baseDir: '/x', filter: '*', files: ['/y'] }, 'both'],
  [{ files: 'a' }, 'files'],
  [{ files: [''] }, 'files[0]'],
])('%j is refused', (settings, part) => {
  expect(() => source(settings)).toThrow(part);
});
