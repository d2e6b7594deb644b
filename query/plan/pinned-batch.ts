import type { PinnedSegment } from '../../segments/index.js';
import type { Unit } from './scan-units.js';

/** The columns of the parts of a batch, in memory. */
export interface PinnedBatch {
  readonly units: readonly Unit[];
  readonly pinned: readonly (PinnedSegment | null)[];
}

export function releaseAll({ pinned }: PinnedBatch): void {
  for (const pin of pinned) pin?.release();
}

type Pin = PinnedSegment | null;

/** All, or none where one fails. */
export async function pinAll(
  units: readonly Unit[],
  pinning: readonly (Pin | Promise<Pin>)[],
): Promise<PinnedBatch> {
  const pins = await Promise.allSettled(pinning);
  const pinned = pins.map((pin) => (pin.status === 'fulfilled' ? pin.value : null));
  const failed = pins.find((pin) => pin.status === 'rejected');
  if (failed === undefined) return { units, pinned };
  releaseAll({ units, pinned });
  throw failed.reason;
}
