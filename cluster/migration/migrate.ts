import type { Disk } from '../../core/index.js';
import { dataLayout } from '../inventory/recovery.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { copyPushLog } from './copy-push-log.js';
import { type CopyOptions, copySegments } from './copy-segments.js';
import type { MigrationPlan } from './migration-plan.js';

export interface MigrationOptions extends Omit<CopyOptions, 'onCopied'> {
  readonly target: MetadataStore;
  readonly disk: Disk;
  readonly onCopied?: (segment: StoredSegment, isNew: boolean) => void;
}

/**
 * Moves a data directory into a cluster. The objects first, then the push log, at last the metadata in one transaction: until
 * then nothing of it is in the cluster. Run again after it failed, or after a crash, it goes on with what is left; nothing in the
 * data directory changes. Segment files are packed as they are: no row is read.
 */
export async function migrateInto(
  plan: MigrationPlan,
  options: MigrationOptions,
  signal: AbortSignal,
): Promise<void> {
  const { contents, segments, pushNode, isDone } = plan;
  if (isDone) return;
  const { disk, dataDir, target, onCopied = () => undefined } = options;
  disk.makeDirectory(options.workDir);
  const copies = await copySegments(segments, { ...options, onCopied }, signal);
  if (pushNode !== null) copyPushLog(disk, dataLayout(dataDir).pushLogDir, pushNode.logDir);
  signal.throwIfAborted();
  await target.migration.run({ contents, copies, pushNode: pushNode?.name ?? null });
}
