import { setImmediate } from 'node:timers/promises';
import { type Disk, NewFile, NotFoundError, sha256Hex, silentLogger } from '../../core/index.js';
import { segmentIdText } from '../../segments/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { someBytes } from '../storage/contract-testing.js';
import type { SegmentTransfer } from '../storage/segment-transfer.js';
import { days } from '../testing.js';
import { SegmentShelf, type SegmentShelfOptions, type ShelfChange } from './segment-shelf.js';

export const DIRECTORY = '/shelf';

/** For tests: a published segment of table `t` on a day, whose file has so many bytes, and their copy a tenth. */
export function segmentOfDay(day: number, sizeBytes: number): StoredSegment {
  const id = { dataSource: 't', interval: days(day, day + 1), version: 'v', partitionNum: 0 };
  const bytes = someBytes(sizeBytes, day);
  const deep = { key: `segments/t/${day}`, sizeBytes: sizeBytes / 10, sha256: '' };
  return {
    id,
    idText: segmentIdText(id),
    coreCount: 1,
    used: true,
    isTombstone: false,
    createdMs: 1,
    usedChangedMs: 1,
    shardSpec: { type: 'numbered', partitionNum: 0, partitions: 1 },
    compactionState: null,
    sealed: {
      path: '',
      rowCount: 1,
      sizeBytes,
      sha256: sha256Hex(bytes),
      minTimeMs: id.interval.startMs,
      maxTimeMs: id.interval.startMs,
      columns: [],
      deep,
    },
  } as StoredSegment;
}

export const bytesOf = ({ id, sealed }: StoredSegment): Uint8Array =>
  someBytes(sealed.sizeBytes, id.interval.startMs / 86_400_000);

/** For tests: brings the bytes of `segmentOfDay` onto a disk, in a few turns, or what `onFetch` throws. */
export class TestTransfer implements Pick<SegmentTransfer, 'fetch' | 'isWhole'> {
  readonly fetched: string[] = [];
  readonly running = new Map<string, number>();
  mostRunning = 0;
  onFetch: (key: string) => Promise<void> = async () => undefined;

  constructor(
    private readonly disk: Disk,
    private readonly segments: readonly StoredSegment[],
  ) {}

  fetch: SegmentTransfer['fetch'] = async ({ key }, _, path, signal) => {
    const segment = this.segments.find(({ sealed }) => sealed.deep?.key === key);
    if (segment === undefined) throw new NotFoundError(`no ${key}`);
    this.fetched.push(key);
    this.running.set(key, (this.running.get(key) ?? 0) + 1);
    const sum = [...this.running.values()].reduce((a, b) => a + b, 0);
    this.mostRunning = Math.max(this.mostRunning, sum);
    try {
      await setImmediate();
      signal.throwIfAborted();
      await this.onFetch(key);
      signal.throwIfAborted();
      const file = new NewFile(this.disk, path);
      file.write(bytesOf(segment));
      file.finish();
    } finally {
      this.running.set(key, this.running.get(key)! - 1);
    }
  };

  isWhole: SegmentTransfer['isWhole'] = async (path, { sha256 }) => {
    await setImmediate();
    return sha256Hex(this.disk.readFile(path)) === sha256;
  };
}

/** For tests: a shelf, and what it serves by what it told of changes. */
export function openShelf(
  disk: Disk,
  transfer: Pick<SegmentTransfer, 'fetch' | 'isWhole'>,
  options: Partial<SegmentShelfOptions> = {},
) {
  const told = new Map<string, boolean>();
  const onChange = ({ kind, segment, isAssigned }: ShelfChange): void => {
    if (kind === 'added' && told.has(segment.idText)) throw new Error('told twice');
    if (kind !== 'added' && !told.has(segment.idText)) throw new Error('never told');
    if (kind === 'removed') told.delete(segment.idText);
    else told.set(segment.idText, isAssigned);
  };
  const shelf = new SegmentShelf({
    disk,
    directory: DIRECTORY,
    transfer,
    logger: silentLogger,
    maxBytes: 10_000,
    coldBytes: 2000,
    parallelDownloads: 2,
    maxLoading: 100,
    onChange,
    ...options,
  });
  for (const { segment, isAssigned } of shelf.segments()) told.set(segment.idText, isAssigned);
  return { shelf, told };
}
