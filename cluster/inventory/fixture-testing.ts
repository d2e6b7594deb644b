import { ArenaPool, type Disk, silentLogger } from '../../core/index.js';
import type { ChunkSegment } from '../../ingest/index.js';
import { ETERNITY, type Interval } from '../../model/index.js';
import type { TableSnapshot } from '../../query/index.js';
import {
  attachSegment,
  type DimensionSchema,
  MutableSegment,
  performLoad,
  SegmentCache,
  sealSegments,
} from '../../segments/index.js';
import { type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { type InventoryOptions, SegmentInventory } from './segment-inventory.js';

export const DATA_DIR = '/data';

/** For tests: an inventory over a data directory on `disk`. */
export function openInventory(
  disk: Disk,
  store: MetadataStore,
  options: Partial<Pick<InventoryOptions, 'dataDir' | 'onUnused' | 'declaredStarTrees'>> = {},
): Promise<SegmentInventory> {
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 24 });
  const load = async (job: Parameters<typeof performLoad>[1]) => performLoad(disk, job);
  const cache = new SegmentCache({ pool, disk, load, maxBytes: 1 << 24 });
  return SegmentInventory.open({
    store,
    cache,
    disk,
    logger: silentLogger,
    dataDir: DATA_DIR,
    ...options,
  });
}

/** For tests: writes rows of a chunk into a segment file of the data directory. */
export function sealChunk(
  disk: Disk,
  name: string,
  interval: Interval,
  rows: readonly PlainRow[],
  dimensions: Record<string, DimensionSchema['type']> = { a: 'STRING' },
  dataDir = DATA_DIR,
): ChunkSegment {
  const schema = schemaOf(dimensions);
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 24 });
  const segment = new MutableSegment(schema, pool);
  segment.append(rowsOf(rows, { __time: 'LONG', ...dimensions }));
  const directory = `${dataDir}/segments/t`;
  const inputs = [segment.snapshot()];
  const options = { maxRowsPerSegment: 1_000 };
  const [sealed] = sealSegments(disk, directory, () => name, inputs, schema, options);
  segment.close();
  return { interval, sealed: sealed! };
}

/** For tests: a column of all visible rows of table `t`, sorted. Rejects when a segment cannot be read. */
export async function visibleCells(inventory: SegmentInventory, column = 'a'): Promise<string[]> {
  const snapshot = inventory.snapshot(['t']);
  try {
    return await cellsOf(snapshot, column);
  } finally {
    snapshot.release();
  }
}

/** For tests: the same of a snapshot that is held. */
export async function cellsOf(snapshot: TableSnapshot, column = 'a'): Promise<string[]> {
  const cells: string[] = [];
  for (const part of snapshot.parts('t', [ETERNITY])) {
    const pinned = await part.pin({ columns: [column] });
    const cursor = attachSegment(pinned.handle).cursor();
    const reader = cursor.column(column);
    for (cursor.row = 0; cursor.row < cursor.rowCount; cursor.row++) {
      const timeMs = cursor.timeMs();
      const isVisible = timeMs >= part.interval.startMs && timeMs < part.interval.endMs;
      if (isVisible) cells.push(String(reader.get()));
    }
    pinned.release();
  }
  return cells.sort();
}

/** For tests: all files below a directory. */
export function filesBelow(disk: Disk, path: string): string[] {
  return disk.list(path).flatMap((name) => {
    const below = `${path}/${name}`;
    return disk.stat(below)?.kind === 'directory' ? filesBelow(disk, below) : [below];
  });
}
