import type { Disk, Logger } from '../../core/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';

/** Where things lie below the data directory. */
export interface DataLayout {
  readonly segmentsDir: string;
  readonly temporaryDir: string;
  readonly metadataPath: string;
  /** Rows that were pushed, until their segments are published. */
  readonly pushLogDir: string;
  /** Sorted pieces of pushed rows: of this process only, since the push log has the rows. */
  readonly piecesDir: string;
  /** What was asked, for advice. */
  readonly queryLogPath: string;
}

export const dataLayout = (dataDir: string): DataLayout => ({
  segmentsDir: `${dataDir}/segments`,
  temporaryDir: `${dataDir}/tmp`,
  metadataPath: `${dataDir}/metadata.db`,
  pushLogDir: `${dataDir}/push`,
  piecesDir: `${dataDir}/tmp/pieces`,
  queryLogPath: `${dataDir}/query-log.jsonl`,
});

/**
 * Removes what a killed process left behind: temporary files, and segment files that the metadata
 * does not name. Safe at start-up only: this process alone owns the directory and runs no task yet.
 * Idempotent, so that it may itself be interrupted.
 */
export async function removeLeftOvers(
  disk: Disk,
  dataDir: string,
  store: MetadataStore,
  logger: Logger,
): Promise<void> {
  const { segmentsDir, temporaryDir } = dataLayout(dataDir);
  disk.removeTree(temporaryDir);
  const named = new Set(
    (await store.segments.all()).map(({ sealed }) => `${dataDir}/${sealed.path}`),
  );
  for (const table of disk.list(segmentsDir)) {
    const directory = `${segmentsDir}/${table}`;
    for (const file of disk.list(directory)) {
      const path = `${directory}/${file}`;
      if (named.has(path)) continue;
      disk.remove(path);
      logger.info({ path }, 'removed a segment file that was never published');
    }
  }
}
