import type { Disk } from '../../core/index.js';
import type { SharedCounter, SpillTarget } from './spilled.js';

/** Where the queries of a process write groups that memory does not hold: files of one directory, which is nobody else's. */
export class SpillSpace {
  readonly #written: SharedCounter;
  #queries = 0;

  /** What a process that ended left there is removed. */
  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
    limitBytes: number,
  ) {
    this.#written = counterOf(limitBytes, 'query.maxSpillBytes');
    disk.removeTree(directory);
    disk.makeDirectory(directory);
  }

  /** What lies there now. */
  get usedBytes(): number {
    return read(this.#written);
  }

  /** The part of one query, which may write `limitBytes`. Close it when no job of the query runs any more. */
  open(limitBytes: number): QuerySpill {
    return new QuerySpill(
      this.disk,
      this.directory,
      `${this.#queries++}-`,
      limitBytes,
      this.#written,
    );
  }
}

/** The files of one query. */
export class QuerySpill {
  readonly #written: SharedCounter;
  #batches = 0;
  #fileCount = 0;

  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
    /** How the names of its files begin. */
    private readonly prefix: string,
    limitBytes: number,
    private readonly ofProcess: SharedCounter,
  ) {
    this.#written = counterOf(limitBytes, 'maxOnDiskStorage');
  }

  get bytes(): number {
    return read(this.#written);
  }

  /** Known when it is closed. */
  get fileCount(): number {
    return this.#fileCount;
  }

  /** For one batch of jobs. */
  target(leastBytes: number): SpillTarget {
    const path = `${this.directory}/${this.prefix}${this.#batches++}`;
    return { path, leastBytes, written: [this.#written, this.ofProcess] };
  }

  /** Removes the files. Others get their turn in between: to remove a large one takes a while. */
  async close(): Promise<void> {
    if (this.#batches === 0) return;
    this.#batches = 0;
    const names = this.disk.list(this.directory).filter((name) => name.startsWith(this.prefix));
    this.#fileCount = names.length;
    for (const name of names) {
      this.disk.remove(`${this.directory}/${name}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    Atomics.sub(this.ofProcess.count, 0, BigInt(this.bytes));
  }
}

const counterOf = (limitBytes: number, name: string): SharedCounter => ({
  count: new BigInt64Array(new SharedArrayBuffer(8)),
  limitBytes,
  name,
});

const read = ({ count }: SharedCounter): number => Number(Atomics.load(count, 0));
