import { type Disk, UserError } from '../../core/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { type StoreContents, tablesOf } from '../metadata/store-contents.js';
import { type StoredSegment, storedSegment } from '../metadata/stored-segment.js';

/** A realtime node that takes the push tables, with their log. */
export interface PushNode {
  readonly name: string;
  /** Where its push log is to be; nothing is there yet. */
  readonly logDir: string;
}

export interface PlanOptions {
  /** The metadata of the server that was alone. */
  readonly source: MetadataStore;
  readonly dataDir: string;
  readonly target: MetadataStore;
  readonly disk: Disk;
  /** Null: push tables have nowhere to go. */
  readonly pushNode: PushNode | null;
}

/** What there is to do. */
export interface MigrationPlan {
  readonly contents: StoreContents;
  readonly tables: readonly string[];
  /** Those whose files are to be copied: all but tombstones. */
  readonly segments: readonly StoredSegment[];
  readonly sizeBytes: number;
  readonly pushTables: readonly string[];
  readonly pushNode: PushNode | null;
  /** It was all done before. */
  readonly isDone: boolean;
  /** Settings that the cluster has with other values, which stay. */
  readonly kept: readonly string[];
}

/** Looks at everything that could be in the way, and changes nothing. Throws UserError or ConflictError that says what it is. */
export async function planMigration({
  source,
  dataDir,
  target,
  disk,
  pushNode: node,
}: PlanOptions): Promise<MigrationPlan> {
  const contents = await source.migration.contents();
  const pushTables = contents.positions.map(({ name }) => name);
  const pushNode = pushTables.length === 0 ? null : node;
  const { isDone, kept } = await target.migration.check(contents, pushNode?.name ?? null);
  const segments = contents.segments.filter(({ tombstone }) => tombstone === 0).map(storedSegment);
  if (!isDone) {
    if (pushTables.length > 0 && pushNode === null) throw needsNode(pushTables);
    checkFiles(disk, dataDir, segments);
  }
  const sizeBytes = segments.reduce((sum, { sealed }) => sum + sealed.sizeBytes, 0);
  const tables = tablesOf(contents);
  return { contents, tables, segments, sizeBytes, pushTables, pushNode, isDone, kept };
}

const needsNode = (tables: readonly string[]): UserError =>
  new UserError(
    `rows are pushed into ${tables.map((table) => `"${table}"`).join(', ')}: give with --config the configuration of a realtime node that was never started, ` +
      'which takes the push log over, with rows that are not handed off and with what is known of producers',
  );

/** That files are there, and as long as they should be: what they hold is verified when they are copied. */
function checkFiles(disk: Disk, dataDir: string, segments: readonly StoredSegment[]): void {
  const bad = segments.filter(
    ({ sealed }) => disk.stat(`${dataDir}/${sealed.path}`)?.sizeBytes !== sealed.sizeBytes,
  );
  const [first] = bad;
  if (first === undefined) return;
  throw new UserError(
    `${bad.length} segment file${bad.length > 1 ? 's are' : ' is'} missing or cut short, such as ${first.sealed.path} of ${first.used ? '' : 'the unused '}segment ${first.idText}; ` +
      'bring it back from a backup, or drop and kill the segment on the server if its rows are not needed',
  );
}
