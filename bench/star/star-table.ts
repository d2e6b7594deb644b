import { ArenaPool } from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import {
  type MergedColumn,
  mergedColumns,
  type TablePart,
  type TableProvider,
  type TableSnapshot,
  type WorkerExecutor,
} from '../../query/index.js';
import {
  columnFacts,
  readSegmentDirectory,
  rowColumns,
  SegmentCache,
  shardSpecOf,
  type WantedParts,
} from '../../segments/index.js';
import { disk } from './segment-files.js';

const ARENA_BYTES = 2 ** 30;
const SCRATCH_BYTES = 256 * 2 ** 20;
const CACHE_BYTES = 12 * 2 ** 30;

/** A table of segment files, as a node has it: what a query reads is in memory from then on. */
export class StarTable implements TableProvider {
  readonly columns: readonly MergedColumn[];
  /** The trees that were read since somebody cleared it: numbers of those of the first segment. */
  readonly treesRead = new Set<number>();
  readonly #parts: readonly TablePart[];

  constructor(
    readonly name: string,
    paths: readonly string[],
    executor: WorkerExecutor,
  ) {
    const pool = new ArenaPool({
      arenaBytes: ARENA_BYTES,
      maxBytes: CACHE_BYTES,
      scratchBytes: SCRATCH_BYTES,
    });
    const load: WorkerExecutor['load'] = (job) => executor.load(job);
    const cache = new SegmentCache({ pool, disk, load, maxBytes: CACHE_BYTES });
    const directories = paths.map((path) => readSegmentDirectory(disk, path));
    this.columns = mergedColumns(directories.map(({ columns }) => rowColumns(columns)));
    this.#parts = directories.map((directory, i): TablePart => {
      const path = paths[i]!;
      return {
        id: { dataSource: name, interval: ETERNITY, version: 'v', partitionNum: i },
        interval: ETERNITY,
        minTimeMs: directory.minTimeMs!,
        maxTimeMs: directory.maxTimeMs!,
        rowCount: directory.rowCount,
        facts: {
          shardSpec: shardSpecOf(undefined, i, paths.length),
          ...columnFacts(directory),
        },
        pin: (wanted) => cache.pin(path, this.#noted(wanted)),
        pinLoaded: (wanted) => cache.pinLoaded(path, this.#noted(wanted)),
      };
    });
  }

  snapshot(): TableSnapshot {
    return {
      parts: () => this.#parts,
      schema: () => ({ columns: this.columns }),
      release: () => undefined,
    };
  }

  async waitFor(): Promise<void> {
    // All rows are there.
  }

  #noted(wanted: WantedParts): WantedParts {
    if (wanted.tree !== undefined) this.treesRead.add(wanted.tree);
    return wanted;
  }
}
