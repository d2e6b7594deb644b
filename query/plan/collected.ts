import { type PinnedSegment, segmentIdText } from '../../segments/index.js';
import type { ScanPartials } from '../cache/partial-cache.js';
import { type SegmentDecoder, segmentDecoder, withValues } from '../compiler/decoder.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import type { JobSource } from '../executor/executor.js';
import { openSource } from '../executor/run-job.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryStats } from '../result.js';
import type { TreeAnswers } from '../star/read-trees.js';
import { countJob } from './count-job.js';
import { answerBySketches } from './known-sketches.js';
import type { PinnedBatch } from './pinned-batch.js';
import type { PlannedPart } from './prune.js';
import type { ScanResult } from './scan-parts.js';

/** What results are made with. */
interface Collecting {
  readonly engine: ScanEngine;
  readonly query: NativeQuery;
  readonly plan: GroupPlan | null;
  readonly stats: QueryStats;
  readonly sourceOf: (pinned: PinnedSegment) => JobSource;
}

/** What the jobs of a batch gave, by job, with the unit that each is of, and what was read of trees. */
export interface BatchAnswers {
  readonly partials: readonly (PartialResult | null)[];
  readonly unitOf: readonly number[];
  readonly trees: TreeAnswers | null;
}

/** The results of a scan, in the order of its rows. */
export class Collected {
  readonly results: ScanResult[] = [];
  /** Where partials are kept, if they are. */
  cache: ScanPartials | null = null;
  /** Whether segments stay in memory until the query is finished, so that codes need no values before. */
  holds = true;

  constructor(private readonly options: Collecting) {}

  /** Adds the results of a batch in the order of its units; tells whether some still need its columns. */
  add({ units, pinned }: PinnedBatch, { partials, unitOf, trees }: BatchAnswers): boolean {
    const { engine, query } = this.options;
    let isNeeded = false;
    let job = 0;
    for (const [i, unit] of units.entries()) {
      if (unit.kind === 'known') this.results.push(unit.result);
      else if (unit.kind === 'cached') this.results.push(...unit.results);
      else if (unit.kind === 'tree') {
        for (const partial of trees?.get(unit.plan) ?? [])
          this.results.push({ ...NOWHERE, partial });
      } else if (unit.kind === 'sketched') {
        const partial = answerBySketches(engine, query, unit.plan, pinned[i]!);
        this.results.push(knownResult(unit.plan, partial));
      } else {
        const first = job;
        while (unitOf[job] === i) job++;
        const found = partials.slice(first, job).filter((partial) => partial !== null);
        isNeeded = this.#addFound(found, unit.plan, pinned[i]!) || isNeeded;
      }
    }
    return isNeeded;
  }

  /** Tells whether the segment's columns are still needed to make sense of the partials. */
  #addFound(found: readonly PartialResult[], plan: PlannedPart, pinned: PinnedSegment): boolean {
    const { query, stats, sourceOf } = this.options;
    const source = sourceOf(pinned);
    const decoder = segmentDecoder(query, this.options.plan, () => openSource(source));
    let isNeeded = false;
    for (const partial of found) countJob(stats, partial);
    for (const partial of this.cache?.keep(plan, found, decoder) ?? found) {
      const result = this.#resultOf(partial, decoder);
      this.results.push({ ...result, segmentId: segmentIdText(plan.part.id), source });
      isNeeded ||= result.isNeeded;
    }
    return isNeeded;
  }

  #resultOf(partial: PartialResult, decoder: SegmentDecoder) {
    const hasCodes = partial.kind === 'groups' && decoder.hasCodes(partial);
    if (hasCodes && !this.holds)
      return { partial: withValues(partial, decoder), decoder: null, isNeeded: false };
    const isNeeded = hasCodes || partial.kind === 'blocks';
    return { partial, decoder: isNeeded ? decoder : null, isNeeded };
  }
}

/** The result of a part of which no rows were read. */
export const knownResult = ({ part }: PlannedPart, partial: PartialResult): ScanResult => ({
  ...NOWHERE,
  partial,
  segmentId: segmentIdText(part.id),
});

/** Of a result for which no rows were read, be it of several segments. */
const NOWHERE = { segmentId: null, decoder: null, source: null } as const;
