import { join } from 'node:path';
import { ArenaPool, RealDisk } from '../../core/index.js';
import { loadJob } from '../../segments/immutable/load.js';
import {
  openSegment,
  packSegment,
  partsOf,
  performLoad,
  readSegmentDirectory,
  unpackSegment,
} from '../../segments/index.js';
import type { PartOptions } from '../parts.js';
import type { DataSet } from '../query/data-set.js';
import { table } from '../query/markdown.js';
import { VarvePeer } from '../query/varve-peer.js';
import { fastest, shown } from './timing.js';

/** How fast the largest segment file of a data set is opened, and its deep-storage form unpacked. */
export interface Opening {
  readonly dataSet: string;
  readonly segmentMb: number;
  readonly directoryMs: number;
  /** Its time column, as a query would have it read; the directory included. */
  readonly oneColumnMs: number;
  readonly allColumnsMs: number;
  /** A table is opened, and asked for its first query: `SUM` of a column. Of all segments. */
  readonly openMs: number;
  readonly firstQueryMs: number;
  readonly secondQueryMs: number;
  /** Of the segment file's bytes; synced to disk. */
  readonly packMbPerSecond: number;
  readonly unpackMbPerSecond: number;
  readonly loadMbPerSecond: number;
}

const disk = new RealDisk();

/** Files are in the system's cache: what is measured is our work. */
export async function measureOpening(
  dataSet: DataSet,
  segments: readonly string[],
  { rounds, dataDirectory }: PartOptions,
  scratch: string,
): Promise<Opening> {
  const sizeOf = (path: string) => disk.stat(path)!.sizeBytes;
  const path = [...segments].sort((a, b) => sizeOf(b) - sizeOf(a))[0]!;
  const segmentMb = sizeOf(path) / 1e6;
  const pool = new ArenaPool({ arenaBytes: 64 << 20, maxBytes: 4 * 2 ** 30 });
  const directoryMs = fastest(rounds, () => readSegmentDirectory(disk, path)).ms;
  const oneColumnMs = fastest(rounds, () => loadOne(path, pool)).ms;
  const allColumnsMs = fastest(rounds, () => openSegment(disk, path, pool, 'all').close()).ms;
  const [packed, back] = [join(scratch, 'packed'), join(scratch, 'back')];
  const packMs = fastest(1, () => packSegment(disk, path, packed)).ms;
  const unpackMs = fastest(rounds, () => unpackSegment(disk, packed, back)).ms;
  return {
    dataSet: dataSet.name,
    segmentMb,
    directoryMs,
    oneColumnMs,
    allColumnsMs,
    ...(await firstQuery(dataSet, dataDirectory, join(scratch, 'varve'))),
    packMbPerSecond: (1000 * segmentMb) / packMs,
    unpackMbPerSecond: (1000 * segmentMb) / unpackMs,
    loadMbPerSecond: (1000 * segmentMb) / allColumnsMs,
  };
}

/** What a query does that asks for nothing but times. */
function loadOne(path: string, pool: ArenaPool): void {
  const directory = readSegmentDirectory(disk, path);
  const range = pool.allocate(directory.fileSizeBytes);
  const parts = partsOf(directory, { columns: ['__time'] });
  const placed = parts.map((part) => ({ ...part, base: range.offset }));
  performLoad(disk, loadJob(path, directory, range.arena.memory, placed));
  pool.free(range);
}

async function firstQuery(dataSet: DataSet, dataDirectory: string, directory: string) {
  const sum = dataSet.columns.find(({ type }) => type !== 'varchar')!.name;
  const ask = `SELECT SUM("${sum}") AS total, COUNT(*) AS n FROM ${dataSet.name} WHERE __time >= TIMESTAMP '1971-01-01 00:00:00'`;
  const start = performance.now();
  const peer = await VarvePeer.open(directory, 2, dataDirectory);
  const opened = performance.now();
  await peer.ask(ask);
  const first = performance.now();
  await peer.ask(ask);
  const second = performance.now();
  await peer.close();
  return { openMs: opened - start, firstQueryMs: first - opened, secondQueryMs: second - first };
}

export function openingText(openings: readonly Opening[]): string {
  const times = openings.map((one) => [
    one.dataSet,
    shown(one.segmentMb),
    shown(one.directoryMs),
    shown(one.oneColumnMs),
    shown(one.allColumnsMs),
    shown(one.openMs),
    shown(one.firstQueryMs),
    shown(one.secondQueryMs),
  ]);
  const rates = openings.map((one) => [
    one.dataSet,
    shown(one.loadMbPerSecond),
    shown(one.unpackMbPerSecond),
    shown(one.packMbPerSecond),
  ]);
  const head = ['ms', 'segment, MB', 'its directory', 'one column', 'all, with indexes'];
  return `### Opening

${table([...head, 'store opened', 'first query', 'second'], times)}

${table(['MB/s of the segment file', 'loaded', 'unpacked', 'packed'], rates)}`;
}
