import { type RunBatchOptions, readSegment, type SegmentTransfer } from '../../cluster/index.js';
import { type Disk, InternalError, systemRandom, uuid } from '../../core/index.js';
import { BatchThreads } from '../../ingest/index.js';
import type { Config } from '../config.js';
import { inputEnvironment } from '../node.js';

/** Builds segments in threads of this process; the files are left in the data directory. */
export function batchesOf(config: Config, dataDir: string, disk: Disk): BatchThreads {
  const { localRoots, httpHosts, maxEntityBytes } = inputEnvironment(config, disk);
  return new BatchThreads({
    localRoots,
    httpHosts,
    maxEntityBytes,
    segmentsDir: `${dataDir}/made`,
    temporaryDir: `${dataDir}/tmp/batches`,
    memoryBytes: config.ingest.memoryBytes,
  });
}

/** Brings published segments here for as long as a job reads them. */
export const fetchingTo =
  (disk: Disk, transfer: SegmentTransfer, directory: string): RunBatchOptions['fetchSegment'] =>
  async (wire, signal) => {
    const { sealed, idText } = readSegment(wire);
    if (sealed.deep === undefined) throw new InternalError(`${idText} is not in deep storage`);
    const path = `${directory}/${uuid(systemRandom)}`;
    disk.makeDirectory(directory);
    await transfer.fetch(sealed.deep, sealed, path, signal);
    return { path, release: () => disk.remove(path) };
  };
