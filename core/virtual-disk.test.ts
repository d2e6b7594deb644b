import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeFileAtomically } from './disk.js';
import { NotFoundError, UnavailableError } from './errors.js';
import { cutPowerAt, failOperation, PowerCutError } from './fault-plan.js';
import { SeededRandom } from './random.js';
import { utf8Decode, utf8Encode } from './text.js';
import type { CrashRule } from './virtual-crash.js';
import { VirtualDisk } from './virtual-disk.js';

const RULES: readonly CrashRule[] = ['synced-only', 'everything', { random: 0.5 }, 'torn-last'];

const read = (disk: VirtualDisk, path: string) =>
  disk.stat(path) === null ? null : utf8Decode(disk.readFile(path));

function write(disk: VirtualDisk, path: string, text: string, sync: boolean): void {
  const file = disk.openAppend(path);
  file.write(utf8Encode(text));
  if (sync) file.sync();
  file.close();
}

/** The contents of a file over many crashes, each once. */
function outcomes(
  disk: VirtualDisk,
  rule: CrashRule,
  path: string,
  seeds = 60,
): Set<string | null> {
  return new Set(
    Array.from({ length: seeds }, (_, seed) =>
      read(disk.crash(rule, new SeededRandom(seed)), path),
    ),
  );
}

describe('a power cut', () => {
  test('takes bytes that were not synced', () => {
    const disk = new VirtualDisk();
    write(disk, '/f', 'kept', true);
    disk.syncDirectory('/');
    write(disk, '/f', 'lost', false);
    expect(outcomes(disk, 'synced-only', '/f')).toEqual(new Set(['kept']));
    expect(outcomes(disk, 'everything', '/f')).toEqual(new Set(['keptlost']));
    expect(outcomes(disk, { random: 0.5 }, '/f')).toEqual(new Set(['kept', 'keptlost']));
    expect(outcomes(disk, 'torn-last', '/f')).toEqual(
      new Set(['kept', 'keptl', 'keptlo', 'keptlos']),
    );
    expect(read(disk, '/f')).toBe('keptlost');
  });

  test('takes names whose directory was not synced, though their bytes were', () => {
    const disk = new VirtualDisk();
    write(disk, '/f', 'x', true);
    expect(outcomes(disk, 'synced-only', '/f')).toEqual(new Set([null]));
    expect(outcomes(disk, { random: 0.5 }, '/f')).toEqual(new Set([null, 'x']));
    disk.syncDirectory('/');
    expect(outcomes(disk, 'synced-only', '/f')).toEqual(new Set(['x']));
    disk.remove('/f');
    expect(outcomes(disk, 'synced-only', '/f')).toEqual(new Set(['x']));
    expect(outcomes(disk, { random: 0.5 }, '/f')).toEqual(new Set([null, 'x']));
  });

  test('keeps later pages without earlier ones, with zeros in the hole', () => {
    const disk = new VirtualDisk();
    write(disk, '/f', '', true);
    disk.syncDirectory('/');
    write(disk, '/f', 'a'.repeat(4096) + 'b'.repeat(4096), false);
    const found = [...outcomes(disk, { random: 0.5 }, '/f')].map((text) =>
      text!.replace(/\0+/, '0').replace(/a+/, 'a').replace(/b+/, 'b'),
    );
    expect(new Set(found)).toEqual(new Set(['', 'a', '0b', 'ab']));
  });

  test('takes a rename, whole, until the directory is synced', () => {
    const disk = new VirtualDisk();
    write(disk, '/a', 'new', true);
    write(disk, '/b', 'old', true);
    disk.syncDirectory('/');
    disk.rename('/a', '/b');
    const states = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const found = disk.crash({ random: 0.5 }, new SeededRandom(seed));
      states.add(`${read(found, '/a')} ${read(found, '/b')}`);
    }
    expect(states).toEqual(new Set(['new old', 'null new']));
    disk.syncDirectory('/');
    expect(outcomes(disk, 'synced-only', '/b')).toEqual(new Set(['new']));
  });

  test('never loses a file renamed between directories, whichever of them is synced', () => {
    for (const synced of ['/x', '/y']) {
      const disk = new VirtualDisk();
      disk.makeDirectory('/x');
      disk.makeDirectory('/y');
      write(disk, '/x/f', 'f', true);
      disk.syncDirectory('/x');
      write(disk, '/y/g', 'g', true);
      disk.rename('/x/f', '/y/g');
      for (const rule of RULES) {
        const found = disk.crash(rule, new SeededRandom(3));
        expect([read(found, '/x/f'), read(found, '/y/g')]).toContain('f');
      }
      disk.syncDirectory(synced);
      const found = disk.crash('synced-only', new SeededRandom(3));
      expect([read(found, '/x/f'), read(found, '/y/g')]).toEqual([null, 'f']);
    }
  });

  test('may undo emptying a file', () => {
    const disk = new VirtualDisk();
    write(disk, '/f', 'long before', true);
    disk.syncDirectory('/');
    const file = disk.create('/f');
    file.write(utf8Encode('new'));
    expect(outcomes(disk, { random: 0.5 }, '/f')).toEqual(
      new Set(['long before', '', 'new', 'newg before']),
    );
    file.sync();
    expect(outcomes(disk, 'synced-only', '/f')).toEqual(new Set(['new']));
  });

  test('leaves a disk of its own, whose content is durable', () => {
    const disk = new VirtualDisk();
    write(disk, '/f', 'x', true);
    const found = disk.crash('everything', new SeededRandom(1));
    write(found, '/f', 'y', true);
    expect(read(disk, '/f')).toBe('x');
    expect(outcomes(found, 'synced-only', '/f')).toEqual(new Set(['xy']));
  });

  test('keeps made directories: each is durable', () => {
    const disk = new VirtualDisk();
    disk.makeDirectory('/a/b/c');
    expect(disk.crash('synced-only', new SeededRandom(1)).stat('/a/b/c')?.kind).toBe('directory');
  });
});

test('everything keeps all and synced-only what was synced, for any sequence', () => {
  const append = fc.record({
    file: fc.constantFrom('/a', '/b'),
    size: fc.nat(9000),
    sync: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(append, { maxLength: 12 }), fc.nat(), (steps, seed) => {
      const disk = new VirtualDisk();
      const synced = new Map<string, string>();
      for (const [i, { file, size, sync }] of steps.entries()) {
        write(disk, file, String(i % 10).repeat(size), sync);
        if (sync) synced.set(file, read(disk, file)!);
      }
      disk.syncDirectory('/');
      const random = new SeededRandom(seed);
      const [least, most, some] = (['synced-only', 'everything', { random: 0.5 }] as const).map(
        (rule) => disk.crash(rule, random),
      ) as [VirtualDisk, VirtualDisk, VirtualDisk];
      for (const file of disk.list('/').map((name) => `/${name}`)) {
        const all = read(disk, file)!;
        const durable = synced.get(file) ?? '';
        expect(read(most, file)).toBe(all);
        expect(read(least, file)).toBe(durable);
        const text = read(some, file)!;
        expect(text.startsWith(durable)).toBe(true);
        expect([...text].every((c, i) => c === '\0' || c === all[i])).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

describe('faults', () => {
  test('fail the one call they name', () => {
    const disk = new VirtualDisk({ faults: failOperation(1) });
    const file = disk.create('/f');
    expect(() => file.write(utf8Encode('abc'))).toThrow(UnavailableError);
    file.write(utf8Encode('def'));
    expect(read(disk, '/f')).toBe('def');
  });

  test('can cut a write short', () => {
    const error = new UnavailableError('the disk is full');
    const disk = new VirtualDisk({
      faults: ({ kind }) => (kind === 'write' ? { error, writtenBytes: 2 } : null),
    });
    const file = disk.create('/f');
    expect(() => file.write(utf8Encode('abc'))).toThrow(error);
    expect(read(disk, '/f')).toBe('ab');
  });

  test('of a sync are fatal, and no later sync brings the bytes back', () => {
    const fatal: Error[] = [];
    const disk = new VirtualDisk({ onFatal: (error) => fatal.push(error) });
    const file = disk.create('/f');
    disk.syncDirectory('/');
    file.write(utf8Encode('gone'));
    disk.setFaults(failOperation(disk.operationCount));
    expect(() => file.sync()).toThrow(UnavailableError);
    expect(fatal).toHaveLength(1);
    file.write(utf8Encode('!'));
    file.sync();
    expect(read(disk, '/f')).toBe('gone!');
    expect(outcomes(disk, 'everything', '/f')).toEqual(new Set(['\0\0\0\0!']));
    disk.setFaults(({ kind }) => (kind === 'syncDirectory' ? { error: fatal[0]! } : null));
    expect(() => disk.syncDirectory('/')).toThrow(UnavailableError);
    expect(fatal).toHaveLength(2);
  });

  test('every kind of call is counted and asked about', () => {
    const seen: string[] = [];
    const disk = new VirtualDisk({
      faults: ({ index, kind, path }) => {
        seen.push(`${index} ${kind} ${path}`);
        return null;
      },
    });
    disk.makeDirectory('/d');
    writeFileAtomically(disk, '/d/f', utf8Encode('x'));
    disk.readFile('/d/f');
    disk.openAppend('/d/f').close();
    disk.removeTree('/d');
    disk.list('/');
    disk.realPath('/');
    expect(seen.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'syncDirectory /',
      'makeDirectory /d',
      'syncDirectory /',
      'create /d/f.tmp',
      'write /d/f.tmp',
      'sync /d/f.tmp',
      'rename /d/f.tmp',
      'syncDirectory /d',
      'openRead /d/f',
      'read /d/f',
      'openAppend /d/f',
      'remove /d/f',
      'remove /d',
      'list /',
      'realPath /',
    ]);
    expect(seen.map((line) => Number.parseInt(line, 10))).toEqual(seen.map((_, i) => i));
    expect(disk.operationCount).toBe(seen.length);
  });

  test('without power nothing happens, and no handler of failures runs', () => {
    const fatal: Error[] = [];
    const disk = new VirtualDisk({ onFatal: (error) => fatal.push(error) });
    const file = disk.create('/f');
    disk.syncDirectory('/');
    file.write(utf8Encode('x'));
    disk.setFaults(cutPowerAt(disk.operationCount));
    expect(() => file.sync()).toThrow(PowerCutError);
    expect(() => file.write(utf8Encode('y'))).toThrow(PowerCutError);
    expect(() => disk.remove('/f')).toThrow(PowerCutError);
    expect(fatal).toEqual([]);
    const found = disk.crash('everything', new SeededRandom(1));
    expect(read(found, '/f')).toBe('x');
    expect(() => found.openRead('/g')).toThrow(NotFoundError);
  });
});

/** Old content, durable; then a replacement that loses power at call `cut`. */
function replaceWithCut(cut: number, replace: (disk: VirtualDisk) => void): VirtualDisk {
  const disk = new VirtualDisk();
  write(disk, '/state', 'old', true);
  disk.syncDirectory('/');
  disk.setFaults(cutPowerAt(disk.operationCount + cut));
  try {
    replace(disk);
  } catch (error) {
    if (!(error instanceof PowerCutError)) throw error;
  }
  return disk;
}

/** What is found of a replacement, over every cut, rule and a few seeds; and when nothing cuts it. */
function found(replace: (disk: VirtualDisk) => void): {
  cut: Set<string | null>;
  whole: Set<string | null>;
} {
  const all = (cut: number) =>
    RULES.flatMap((rule) => [...outcomes(replaceWithCut(cut, replace), rule, '/state', 20)]);
  return {
    cut: new Set(Array.from({ length: 6 }, (_, cut) => all(cut)).flat()),
    whole: new Set(all(100)),
  };
}

test('an atomic write leaves the old or the new content at any cut, and the new once it returned', () => {
  const { cut, whole } = found((disk) => writeFileAtomically(disk, '/state', utf8Encode('new')));
  expect(cut).toEqual(new Set(['old', 'new']));
  expect(whole).toEqual(new Set(['new']));
});

test('the same search finds the fault in a write that forgets its syncs', () => {
  const { cut, whole } = found((disk) => {
    const file = disk.create('/state.tmp');
    file.write(utf8Encode('new'));
    file.close();
    disk.rename('/state.tmp', '/state');
  });
  expect(cut).toContain('');
  expect(whole).toContain('old');
});
