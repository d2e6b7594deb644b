import {
  ConflictError,
  type Disk,
  invariant,
  type Logger,
  type Random,
} from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import { directoryName, randomHex } from '../../batch/file-names.js';
import type { Generation } from '../live/generation.js';
import type { LiveRows } from '../live/live-rows.js';
import type { Sealer, SealJob } from '../live/seal-job.js';
import { DEAD_LETTERS, type HandoffSegments, type PushCatalog } from '../types.js';
import type { PushTable } from './push-table.js';

export interface HandoffOptions {
  readonly disk: Disk;
  readonly random: Random;
  readonly logger: Logger;
  readonly catalog: PushCatalog;
  readonly seal: Sealer;
  readonly piecesDir: string;
  readonly segmentsDir: string;
  chunkIntervals(dataSource: string): Promise<readonly Interval[]>;
  /** What queries see of the table has changed. */
  announce(table: PushTable): void;
}

/**
 * Seals what grows no more: frozen segments to sorted pieces where memory is short, whole generations to segments
 * that are published. One job at a time, so that sealing takes one core and one job's memory.
 */
export class Handoffs {
  /** The end of all jobs so far. */
  #lane: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: HandoffOptions) {}

  /**
   * Publishes every generation of the table that has ended. What was sealed before a failure is kept, so that the next
   * call goes on from there; what was published before an unknown outcome is published again, which
   * changes nothing.
   */
  publishEnded(table: PushTable): Promise<void> {
    return this.#inTurn(async () => {
      for (let next = table.nextToPublish; next !== null; next = table.nextToPublish) {
        await this.#publish(table, next);
      }
    });
  }

  /** Makes a sorted piece of the oldest frozen segment of these rows, if they still have one. */
  sealPiece(table: PushTable, rows: LiveRows): Promise<void> {
    return this.#inTurn(async () => {
      const frozen = rows.nextFrozen;
      if (frozen === undefined) return;
      const { disk, piecesDir } = this.options;
      const job = this.#job('piece', table, rows, piecesDir, []);
      const [piece] = await this.options.seal({ ...job, inputs: [frozen.input] });
      invariant(piece !== undefined, 'rows make a piece');
      const { path } = piece.sealed;
      rows.replace(frozen, piece.sealed, () => disk.remove(path));
      this.options.announce(table);
    });
  }

  /** Resolves when no job runs. */
  async idle(): Promise<void> {
    await this.#lane;
  }

  async #publish(table: PushTable, generation: Generation): Promise<void> {
    const { catalog, logger, announce } = this.options;
    for (const rows of [generation.rows, generation.letters]) {
      if (rows.isEmpty || generation.sealed.has(rows.dataSource)) continue;
      generation.sealed.set(rows.dataSource, await this.#sealChunks(table, rows));
    }
    const { publishedTo: from, name } = table;
    invariant(from !== null, 'rows are live in tables of this log only');
    const { to, sealed: segments } = generation;
    try {
      await catalog.publish({ table: name, from, to, segments });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Its chunks have changed since it was sealed: it is sealed anew, and then published.
      this.#discard(generation, error);
      return;
    }
    table.published(generation);
    announce(table);
    generation.retire();
    logger.info({ table: name, position: to }, 'handed off');
  }

  /** Removes the files of a data source whose publish was refused. Throws the refusal when it is about no chunks. */
  #discard({ sealed }: Generation, refusal: ConflictError): void {
    const { dataSource } = refusal.context;
    const files = dataSource === undefined ? undefined : sealed.get(dataSource);
    if (dataSource === undefined || files === undefined) throw refusal;
    sealed.delete(dataSource);
    for (const { sealed: file } of files.segments) this.options.disk.remove(file.path);
  }

  async #sealChunks(table: PushTable, rows: LiveRows): Promise<HandoffSegments> {
    const { segmentsDir, chunkIntervals: chunksOf, seal } = this.options;
    const { dataSource } = rows;
    const directory = `${segmentsDir}/${directoryName(dataSource)}`;
    const chunkIntervals = await chunksOf(dataSource);
    const segments = await seal(this.#job('handoff', table, rows, directory, chunkIntervals));
    return { chunkIntervals, segments };
  }

  #job(
    kind: SealJob['kind'],
    { state }: PushTable,
    rows: LiveRows,
    directory: string,
    chunkIntervals: readonly Interval[],
  ): SealJob {
    const { name, spec } = state;
    return {
      kind,
      spec: rows.dataSource === DEAD_LETTERS ? null : { name, json: spec.json },
      dimensions: rows.dimensions,
      inputs: kind === 'handoff' ? rows.inputs() : [],
      directory,
      prefix: randomHex(this.options.random),
      chunkIntervals,
    };
  }

  /** Runs when all that came before has ended, be it badly. */
  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const mine = this.#lane.then(job, job);
    this.#lane = mine.catch(() => undefined);
    return mine;
  }
}
