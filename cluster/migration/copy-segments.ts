import { CorruptSegmentError, type Disk, NotFoundError, UserError } from '../../core/index.js';
import type { DeepCopy } from '../../segments/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { SegmentTransfer } from '../storage/segment-transfer.js';

export interface CopyOptions {
  readonly dataDir: string;
  readonly target: MetadataStore;
  readonly disk: Disk;
  readonly transfer: Pick<SegmentTransfer, 'newKey' | 'put' | 'fetch' | 'isWhole'>;
  readonly store: Pick<ObjectStore, 'head'>;
  /** For files that are compared with what was stored of them. */
  readonly workDir: string;
  /** Segments that are copied at the same time. */
  readonly parallel: number;
  readonly onCopied: (segment: StoredSegment, isNew: boolean) => void;
}

/**
 * Puts every segment file into deep storage, unless an earlier run has. Each is fetched again and unpacked: that gives
 * the very same file, or the copy does not count. What was copied is noted in the metadata, one by one.
 */
export async function copySegments(
  segments: readonly StoredSegment[],
  options: CopyOptions,
  signal: AbortSignal,
): Promise<Map<string, DeepCopy>> {
  const known = await options.target.migration.copies();
  const copies = new Map<string, DeepCopy>();
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const waiting = segments.values();
  const lane = async (number: number) => {
    for (const segment of waiting) {
      either.throwIfAborted();
      const before = await stillThere(known.get(segment.idText), segment, options.store, either);
      const deep = before ?? (await copyOf(segment, options, number, either));
      copies.set(segment.idText, deep);
      options.onCopied(segment, before === null);
    }
  };
  const lanes = Array.from({ length: options.parallel }, async (_, number) => {
    try {
      await lane(number);
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(lanes);
  either.throwIfAborted();
  return copies;
}

/** The copy that an earlier run has made of this very file; null where it is none, or was removed meanwhile. */
async function stillThere(
  known: { readonly sha256: string; readonly deep: DeepCopy } | undefined,
  { sealed }: StoredSegment,
  store: Pick<ObjectStore, 'head'>,
  signal: AbortSignal,
): Promise<DeepCopy | null> {
  if (known === undefined || known.sha256 !== sealed.sha256) return null;
  try {
    const { sizeBytes } = await store.head(known.deep.key, signal);
    return sizeBytes === known.deep.sizeBytes ? known.deep : null;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function copyOf(
  segment: StoredSegment,
  options: CopyOptions,
  lane: number,
  signal: AbortSignal,
): Promise<DeepCopy> {
  const { id, idText, sealed } = segment;
  const { dataDir, target, disk, transfer, workDir } = options;
  const path = `${dataDir}/${sealed.path}`;
  const back = `${workDir}/compared-${lane}.varve`;
  try {
    const key = transfer.newKey(id.dataSource, id.interval);
    await target.migration.registerCopy(key);
    const deep = await transfer.put(key, path, sealed, signal);
    await transfer.fetch(deep, sealed, back, signal);
    await target.migration.noteCopy(idText, { sha256: sealed.sha256, deep });
    return deep;
  } catch (error) {
    if (!(error instanceof CorruptSegmentError)) throw error;
    // What was damaged on its way, or there, says so itself.
    if (await transfer.isWhole(path, sealed, signal)) throw error;
    throw new UserError(
      `the file ${path} of segment ${idText} is damaged: its bytes are not those of SHA-256 ${sealed.sha256}; bring it back from a backup, or drop and kill the segment on the server if its rows are not needed`,
    );
  } finally {
    disk.remove(back);
  }
}
