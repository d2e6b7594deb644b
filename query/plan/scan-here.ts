import type { Filter } from '../../model/index.js';
import { attachSegment, type Segment, type SegmentHandle } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScanBatch } from '../executor/executor.js';
import { type OpenJob, runJobs } from '../executor/run-job.js';
import { FEW_ROWS } from '../filter/indexed-rows.js';
import { filterChoice } from '../filter/known-choice.js';
import type { NativeQuery } from '../native/query.js';

/** For so many segments it takes less time to look their rows up than to send others to do it. */
const MAX_SEGMENTS = 8;
/** As many values are looked up in a dictionary at once. */
const MAX_POINTS = 100;

/** Segments that this thread has opened. */
const opened = new WeakMap<SegmentHandle, Segment>();

/**
 * Answers jobs in this thread where indexes leave few rows in all of their segments. Null where they do not, or where that would
 * take time to find out.
 */
export function scanHere(
  query: NativeQuery,
  { jobs, bundles, mergesJobs, limits }: ScanBatch,
  signal: AbortSignal,
): (PartialResult | null)[] | null {
  if (jobs.length > MAX_SEGMENTS || !isPlain(query.filter)) return null;
  const open = jobs.map(({ source, from, to, spans }): OpenJob | null =>
    source.kind === 'segment' ? { segment: openedSegment(source.handle), from, to, spans } : null,
  );
  if (!areFew(query, open)) return null;
  let next = 0;
  const claim = () => (next < bundles.length ? next++ : null);
  const results = new Array<PartialResult | null>(jobs.length).fill(null);
  const found = runJobs(open, bundles, claim, {
    query,
    mergesJobs,
    givesBlocks: 'never',
    limits,
    scratchSlot: null,
    checkCancelled: () => signal.throwIfAborted(),
  });
  for (const { job, partial } of found) results[job] = partial;
  return results;
}

/** Whether indexes leave few rows of all jobs together, told by looking up a few values. */
function areFew(query: NativeQuery, jobs: readonly (OpenJob | null)[]): jobs is OpenJob[] {
  let rowCount = 0;
  for (const job of jobs) {
    if (job === null) return false;
    const choice = filterChoice({ segment: job.segment, scratchSlot: null }, query);
    if (choice.kind !== 'bitmap' && choice.kind !== 'nothing') return false;
    if (choice.kind === 'bitmap') rowCount += choice.rowCount;
    if (rowCount > FEW_ROWS) return false;
  }
  return true;
}

function openedSegment(handle: SegmentHandle): Segment {
  const known = opened.get(handle) ?? attachSegment(handle);
  opened.set(handle, known);
  return known;
}

/** Whether a filter asks for a few values, or ranges of them: other conditions may have to walk over dictionaries. */
function isPlain(filter: Filter | null): boolean {
  const form = filter?.form;
  switch (form?.kind) {
    case 'and':
    case 'or':
      return form.filters.every(isPlain);
    case 'not':
    case 'is':
      return isPlain(form.filter);
    case 'constant':
      return true;
    case 'values':
      return (
        form.texts?.kind === 'range' ||
        (form.texts?.kind === 'points' && form.texts.texts.length <= MAX_POINTS)
      );
    default:
      return false;
  }
}
