import type { WantedParts } from '../../segments/index.js';
import type { TreePlan } from '../star/plan-tree.js';
import { FEW_ROWS } from './job-bundles.js';
import type { PlannedPart } from './prune.js';
import type { ScanOptions, ScanResult } from './scan-parts.js';
import type { FilterNeeds } from './wanted-indexes.js';

/** What becomes one result or more: a part to be read, one whose sketches tell the answer, or one whose answer is known. */
export type Unit =
  | { readonly kind: 'known'; readonly result: ScanResult }
  | CachedUnit
  | SketchedUnit
  | TreeUnit
  | PartUnit;

/** A part of which a star-tree is read. */
export interface TreeUnit {
  readonly kind: 'tree';
  readonly plan: PlannedPart;
  readonly tree: TreePlan;
}

/** A part of which it is known what was found there before. */
interface CachedUnit {
  readonly kind: 'cached';
  readonly plan: PlannedPart;
  readonly results: readonly ScanResult[];
}

export interface SketchedUnit {
  readonly kind: 'sketched';
  readonly plan: PlannedPart;
  readonly wanted: WantedParts;
}

export interface PartUnit {
  readonly kind: 'part';
  readonly plan: PlannedPart;
  readonly needs: FilterNeeds;
}

/** Jobs that go to the workers together. The first batches of a scan that may end early are smaller. */
const JOBS_PER_BATCH = 64;

/** Units in their order, those that go to the workers together. */
export function batchesOf(
  units: readonly Unit[],
  { executor, rowsPerJob }: Pick<ScanOptions, 'executor' | 'rowsPerJob'>,
  endsEarly: boolean,
): Unit[][] {
  let size = endsEarly ? 2 * executor.parallelism : JOBS_PER_BATCH;
  const batches: Unit[][] = [];
  let jobs = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    if (jobs >= size) {
      if (batches.length > 0) size = Math.min(JOBS_PER_BATCH, 2 * size);
      batches.push([]);
      jobs = 0;
    }
    batches.at(-1)!.push(unit);
    // As if nothing were known: what is added up together must not depend on it.
    if (unit.kind === 'part' || unit.kind === 'cached')
      jobs +=
        unit.kind === 'part' && isFew(unit)
          ? FEW_JOB
          : Math.ceil(unit.plan.part.rowCount / rowsPerJob);
  }
  return batches;
}

/** Whether indexes leave few rows of a part. */
export const isFew = ({ needs }: PartUnit): boolean => needs.mostRows <= FEW_ROWS;

/** Of a job that looks at few rows, as a part of one that looks at many. */
const FEW_JOB = 1 / 16;
