import type { Disk } from '../../core/index.js';
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
