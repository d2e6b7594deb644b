import type { Logger } from '../../core/index.js';
import type { ChunkSegment } from '../../ingest/index.js';
import type { ObjectTable, ObjectWriter } from '../metadata/object-table.js';
import type { PutSegment } from '../realtime/put-segments.js';
import type { SegmentTransfer } from './segment-transfer.js';

export interface SegmentWriterOptions {
  readonly transfer: Pick<SegmentTransfer, 'newKey' | 'put'>;
  readonly objects: Pick<ObjectTable, 'register' | 'release'>;
  readonly writer: Omit<ObjectWriter, 'taskId'>;
  readonly logger: Logger;
}

/**
 * Puts the files of segments into deep storage for who publishes them. Each has a key of its own that is registered before, so
 * that its object is nobody's orphan however long that takes.
 */
export class SegmentWriter {
  /** Keys that could not be given up when they should have been. */
  #toRelease: string[] = [];

  constructor(private readonly options: SegmentWriterOptions) {}

  /** See `PutSegment`. */
  readonly put: PutSegment = async (dataSource, segment, signal, taskId) => {
    const { transfer, objects, writer } = this.options;
    const { sealed, interval } = segment;
    const key = transfer.newKey(dataSource, interval);
    try {
      await objects.register(key, { ...writer, taskId: taskId ?? null });
      const deep = await transfer.put(key, sealed.path, sealed, signal);
      return { ...segment, sealed: { ...sealed, path: '', deep } };
    } catch (error) {
      await this.#release([key]);
      throw error;
    }
  };

  /** Gives up segments that will not be published; those that were stay. */
  release(segments: readonly ChunkSegment[]): Promise<void> {
    return this.#release(segments.flatMap(({ sealed }) => sealed.deep?.key ?? []));
  }

  /** Where it fails it is done with the next ones, or when this process is gone. */
  async #release(keys: readonly string[]): Promise<void> {
    const all = [...this.#toRelease, ...keys];
    if (all.length === 0) return;
    this.#toRelease = [];
    try {
      await this.options.objects.release(all);
    } catch (err) {
      this.#toRelease.push(...all);
      this.options.logger.warn({ err, count: all.length }, 'objects could not be given up');
    }
  }
}
