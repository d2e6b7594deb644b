import { CorruptSegmentError, type Disk } from '../../core/index.js';
import type { PinnedSegment, SegmentCache } from '../../segments/index.js';
import { type ServedSegment, serveSegment } from '../inventory/served-segment.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { OpenPart, PartSource } from '../serving/share-methods.js';
import type { HistoricalNode } from './historical-node.js';
import { readSegment } from './segment-wire.js';

/**
 * The published segments of a historical, for queries of others: those that it has, and those that a query says from where to
 * fetch. Files stay as long as a query reads them; one that turns out to be damaged is given up, and fetched again by whoever asks next.
 */
export class ShelfParts implements PartSource {
  readonly #open = new Map<string, ServedSegment>();

  constructor(
    private readonly node: HistoricalNode,
    private readonly disk: Disk,
    private readonly cache: SegmentCache,
  ) {}

  async open(
    ref: Parameters<PartSource['open']>[0],
    signal: AbortSignal,
  ): Promise<OpenPart | null> {
    if (ref.kind !== 'segment') return null;
    const stored = this.node.find(ref.id) ?? (ref.stored === null ? null : readSegment(ref.stored));
    if (stored === null) return null;
    const held = await this.node.hold(stored, signal);
    const served = this.#served(stored, held.path);
    if (!served.isReadable) this.#giveUp(stored);
    const part = served.part(ref.interval);
    const guarded = async (pin: () => Promise<PinnedSegment>) => {
      try {
        return await pin();
      } catch (error) {
        if (error instanceof CorruptSegmentError) this.#giveUp(stored);
        throw error;
      }
    };
    return {
      part: { ...part, pin: (wanted) => guarded(() => part.pin(wanted)) },
      release: () => held.release(),
    };
  }

  /** It is not here any more. */
  forget(idText: string): void {
    const served = this.#open.get(idText);
    if (served === undefined) return;
    this.#open.delete(idText);
    this.cache.drop(served.path);
  }

  #served(stored: StoredSegment, path: string): ServedSegment {
    let served = this.#open.get(stored.idText);
    if (served === undefined) {
      served = serveSegment(this.disk, this.cache, stored, path);
      this.#open.set(stored.idText, served);
    }
    return served;
  }

  #giveUp({ idText }: StoredSegment): void {
    this.forget(idText);
    this.node.reportDamage(idText);
  }
}
