import { chunkIntervalsOf, handoffHost, type LogHold } from '../../cluster/index.js';
import { InternalError, systemRandom, systemTimers } from '../../core/index.js';
import {
  type CopyLink,
  type LiveUpdate,
  PushWorker,
  type PushWorkerSettings,
} from '../../ingest/index.js';
import { endProcess, pushSettings } from '../node.js';
import type { NodeMeans } from './node-means.js';

export interface LogUse {
  readonly hold: LogHold;
  /** Where the log lies, and pieces of its rows; default: those of this node's own log. */
  readonly places?: Pick<PushWorkerSettings, 'logDir' | 'piecesDir'>;
  announce(update: LiveUpdate): void;
  readonly copies?: CopyLink;
  /** Raised when what fails is not to be tried again. */
  readonly signal: AbortSignal;
}

/** A push worker over a log that this node holds, which publishes into deep storage. */
export function startPushWorker(means: NodeMeans, use: LogUse): Promise<PushWorker> {
  const { config, dataDir, disk, logger, store, writer } = means;
  const { hold, places, announce, copies, signal } = use;
  const settings = pushSettings(config, dataDir, means.scratchBytes);
  return PushWorker.start(
    { ...settings, ...places, segmentsDir: `${dataDir}/made` },
    handoffHost({
      catalog: store.pushTables.ofLog(hold.log, hold),
      chunkIntervals: async (dataSource) => chunkIntervalsOf(await store.segments.used(dataSource)),
      put: writer.put,
      release: (segments) => writer.release(segments),
      removeFile: (path) => disk.remove(path),
      announce,
      timers: systemTimers,
      random: systemRandom,
      logger,
      signal,
    }),
    (why) => endProcess(logger, new InternalError(`the push worker ${why}`)),
    copies,
  );
}
