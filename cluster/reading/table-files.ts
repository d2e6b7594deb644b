import { type Disk, type Logger, mapParallel, ResourceLimitError } from '../../core/index.js';
import type { FetchedFile } from '../../ingest/index.js';
import type { SegmentDirectory } from '../../segments/index.js';
import { SegmentShelf } from '../historical/segment-shelf.js';
import { readSegment } from '../historical/segment-wire.js';
import { ShelfBudget } from '../historical/shelf-budget.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { deepCopyOf, type SegmentTransfer } from '../storage/segment-transfer.js';
import { Slots } from '../storage/slots.js';

/** Files that are fetched at the same time. */
const PARALLEL = 4;

export interface TableFilesOptions {
  readonly disk: Disk;
  /** Its files, of nobody else. */
  readonly directory: string;
  readonly transfer: Pick<SegmentTransfer, 'fetch' | 'isWhole' | 'directory'>;
  readonly logger: Logger;
  /** All files together, those that are being fetched included. */
  readonly maxBytes: number;
}

/** Files on this disk; all of them stay until they are released. */
export interface HeldFiles {
  pathOf(segment: StoredSegment): string;
  /** May be called more than once. */
  release(): void;
}

/**
 * The files of published segments that tasks and samples of this process read, fetched from deep storage. Whoever wants several
 * has room for all of them before the first is fetched, in the order of asking: so nobody waits for room that another holds who
 * waits himself. What is released leaves when others need the room.
 */
export class TableFiles {
  readonly #shelf: SegmentShelf;
  /** What has been promised to those who hold files, or fetch them. */
  readonly #promised: ShelfBudget;
  readonly #queue = new Slots(1);

  constructor(private readonly options: TableFilesOptions) {
    const { maxBytes } = options;
    const budget = { maxBytes, coldBytes: maxBytes };
    this.#shelf = new SegmentShelf({
      ...options,
      ...budget,
      parallelDownloads: PARALLEL,
      maxLoading: Number.POSITIVE_INFINITY,
      onChange: () => undefined,
    });
    this.#promised = new ShelfBudget(budget);
  }

  /** What is kept here, held or not. */
  get usedBytes(): number {
    return this.#shelf.sizes.usedBytes;
  }

  /** What is held, or about to be: with its packed form, as long as it is. */
  get heldBytes(): number {
    return this.#promised.usedBytes;
  }

  /** What the file of a segment says of itself: of its object no more is read than that. */
  directory({ sealed, idText }: StoredSegment, signal: AbortSignal): Promise<SegmentDirectory> {
    const deep = deepCopyOf(sealed, idText);
    return this.options.transfer.directory(deep, sealed, signal);
  }

  /** One file; `stored` is what the metadata say of its segment. See `hold`. */
  async fetch(stored: unknown, signal: AbortSignal): Promise<FetchedFile> {
    const segment = readSegment(stored);
    const { pathOf, release } = await this.hold([segment], signal);
    return { path: pathOf(segment), release };
  }

  /**
   * The files of segments, verified. Throws ResourceLimitError where there can never be room for all of them; errors else as of
   * `SegmentTransfer.fetch`, and nothing is held then.
   */
  async hold(wanted: readonly StoredSegment[], signal: AbortSignal): Promise<HeldFiles> {
    const segments = [...new Map(wanted.map((each) => [each.idText, each])).values()];
    const bytes = segments.reduce((sum, each) => sum + bytesOf(each), 0);
    await this.#promise(bytes, signal);
    const held = new Map<string, FetchedFile>();
    const release = () => {
      for (const file of held.values()) file.release();
      this.#promised.free(bytes);
    };
    try {
      await this.#takeAll(segments, held, signal);
    } catch (error) {
      release();
      throw error;
    }
    return { pathOf: ({ idText }) => held.get(idText)!.path, release: once(release) };
  }

  /** Ends what is being fetched, and waits for it. */
  close(): Promise<void> {
    return this.#shelf.close();
  }

  async #promise(bytes: number, signal: AbortSignal): Promise<void> {
    const { maxBytes } = this.options;
    if (bytes > maxBytes) throw tooMuch(maxBytes, bytes);
    const noRoom = () => undefined;
    await this.#queue.run(signal, false, () =>
      this.#promised.take('what is read of tables', bytes, noRoom, signal),
    );
  }

  /** When it is through, nothing is being fetched for it any more: the first that fails ends the others. */
  async #takeAll(
    segments: readonly StoredSegment[],
    held: Map<string, FetchedFile>,
    signal: AbortSignal,
  ): Promise<void> {
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    // More than are fetched at once: some may be here, and have to be verified.
    await mapParallel(segments, 2 * PARALLEL, async (segment) => {
      try {
        held.set(segment.idText, await this.#shelf.take(segment, 'cold', either));
      } catch (error) {
        ending.abort(error);
        throw error;
      }
    });
  }
}

/** On disk while it is fetched. */
const bytesOf = ({ sealed, idText }: StoredSegment): number =>
  sealed.sizeBytes + deepCopyOf(sealed, idText).sizeBytes;

const tooMuch = (limit: number, amount: number): ResourceLimitError =>
  new ResourceLimitError(
    `what is read of tables takes ${amount} bytes of disk on the node that reads it, cluster.readBytes allows ${limit}; raise it, or read a shorter interval at a time`,
    limit,
    amount,
  );

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}
