import type { ArenaPoolOptions, Clock, Disk, Logger, Random } from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import type { CopyLink } from '../copies/types.js';
import type { Sealer } from '../live/seal-job.js';
import type { LiveUpdate, PushCatalog } from '../types.js';

export interface PushEngineOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly catalog: PushCatalog;
  readonly seal: Sealer;
  /** The push log lies here. */
  readonly logDir: string;
  /** Sorted pieces lie here until they are published; emptied at start. */
  readonly piecesDir: string;
  /** Published files go to a directory per data source below this one. */
  readonly segmentsDir: string;
  readonly limits: PushLimits;
  readonly arenas: ArenaPoolOptions;
  /** The chunks of a data source that there are already. */
  chunkIntervals(dataSource: string): Promise<readonly Interval[]>;
  /** How the log comes to its standbys; absent: it has none. */
  readonly copies?: CopyLink;
  /** What queries see from now on, beside published segments. */
  announce(update: LiveUpdate): void;
}

/** Bounds of what waits, and of what is held. */
export interface PushLimits {
  /** Bytes of pushes that wait for their turn. */
  readonly queueBytes: number;
  /** About what live rows may take in memory: beyond, pushes wait until pieces are sealed. */
  readonly memoryBytes: number;
  /** Of the log: beyond, the table with the oldest rows is handed off. */
  readonly logBytes: number;
  /** Of one file of the log. */
  readonly logFileBytes?: number;
  /** Of the log, sent at a time to a node that joins. */
  readonly copyBytes?: number;
}
