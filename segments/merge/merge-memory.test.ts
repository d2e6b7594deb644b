import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { ArenaPool, type Disk, RealDisk } from '../../core/index.js';
import { openSegment } from '../immutable/load.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';
import { mergeSegments } from './merge-segments.js';

const directory = mkdtempSync(join(tmpdir(), 'varve-merge-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of array buffers, those of WebAssembly memories among them, that are not garbage. */
function heldBytes(): number {
  collectGarbage();
  // What the first collection found is swept in the background: the second one waits for it.
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** A disk that looks at the memory every so many reads and writes. */
function watched(disk: Disk, every: number, look: () => void): Disk {
  let calls = 0;
  const tick = (): void => {
    if (++calls % every === 0) look();
  };
  return {
    openRead(path) {
      const file = disk.openRead(path);
      return {
        sizeBytes: file.sizeBytes,
        readInto(target, offset) {
          tick();
          file.readInto(target, offset);
        },
        close: () => file.close(),
      };
    },
    create(path) {
      const file = disk.create(path);
      return {
        write(bytes) {
          tick();
          file.write(bytes);
        },
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
    openAppend: (path) => disk.openAppend(path),
    readFile: (path) => disk.readFile(path),
    stat: (path) => disk.stat(path),
    list: (path) => disk.list(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    removeTree: (path) => disk.removeTree(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    realPath: (path) => disk.realPath(path),
  };
}

const FILES = 100;
const ROWS = 800;
const schema = schemaOf({ s: 'STRING', n: 'LONG', t: 'STRING' }, [
  { type: 'longSum', name: 'sum', fieldName: 'x' },
  { type: 'doubleSum', name: 'total', fieldName: 'x' },
]);

const rows = (file: number): PlainRow[] =>
  Array.from({ length: ROWS }, (_, i) => ({
    __time: (i * 7919) % 100_000,
    s: `https://example.org/some/page/${file}/${i}`,
    n: (i * 2 ** 20 * file) % 2 ** 40,
    t: `${i % 1000}`,
    x: i,
  }));

test('a merge of 100 files takes no more memory than it may', () => {
  const disk = new RealDisk();
  const pool = testPool();
  const paths = Array.from({ length: FILES }, (_, file) => {
    const segment = new MutableSegment(schema, pool);
    segment.append(rowsOf(rows(file), inputTypes(schema, { x: 'LONG' })));
    const inputs = [segment.snapshot()];
    const options = { maxRowsPerSegment: ROWS, durable: false };
    sealSegments(disk, directory, () => `in-${file}`, inputs, schema, options);
    segment.close();
    return `${directory}/in-${file}`;
  });
  const inputBytes = paths.reduce((sum, path) => sum + disk.stat(path)!.sizeBytes, 0);
  const memoryBytes = 3 << 20;
  expect(inputBytes).toBeGreaterThan(memoryBytes);
  const before = heldBytes();
  let peak = 0;
  const watching = watched(disk, 500, () => {
    peak = Math.max(peak, heldBytes() - before);
  });
  const merged = mergeSegments(watching, `${directory}/out`, String, paths, schema, {
    maxRowsPerSegment: 1_000_000,
    memoryBytes,
    temporaryDir: `${directory}/tmp`,
    durable: false,
  });
  expect(peak).toBeGreaterThan(memoryBytes / 4);
  expect(peak).toBeLessThan(memoryBytes);
  expect(merged.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(FILES * ROWS);
  let last = -1;
  for (const { path } of merged) {
    const segment = openSegment(disk, path, new ArenaPool({ arenaBytes: 1, maxBytes: 1 << 30 }));
    for (const [time] of cellsOf(segment)) {
      expect(time as number).toBeGreaterThanOrEqual(last);
      last = time as number;
    }
    segment.close();
  }
}, 120_000);
