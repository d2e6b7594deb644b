import type { Filter } from '../../model/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScanBatch } from '../executor/executor.js';
import { type OpenJob, runJobs } from '../executor/run-job.js';
import { FEW_ROWS } from '../filter/indexed-rows.js';
import { filterChoice } from '../filter/known-choice.js';
import { castSegment } from '../interpreter/cast-segment.js';
import type { NativeQuery } from '../native/query.js';
import { openedSegment } from './opened-segments.js';

/** For so many segments it takes less time to look their rows up than to send others to do it. */
const MAX_SEGMENTS = 32;
/** As many values are looked up in a dictionary at once. */
const MAX_POINTS = 100;

/**
 * Answers jobs in this thread where indexes leave few rows in all of their segments, as the query of their rows tells (`leaf`). Null where they do not, or where that would
 * take time to find out.
 */
export function scanHere(
  query: NativeQuery,
  leaf: NativeQuery,
  { jobs, rights = [], bundles, mergesJobs, limits }: ScanBatch,
  signal: AbortSignal,
): (PartialResult | null)[] | null {
  if (jobs.length > MAX_SEGMENTS || rights.length > 0) return null;
  const open = jobs.flatMap(({ source, from, to, spans }): OpenJob[] => {
    if (source.kind !== 'segment') return [];
    const segment = castSegment(openedSegment(source.handle), source.casts);
    return [{ segment, from, to, spans }];
  });
  if (open.length < jobs.length || !arePlain(leaf, open) || !areFew(leaf, open)) return null;
  let next = 0;
  const claim = () => (next < bundles.length ? next++ : null);
  const results = new Array<PartialResult | null>(jobs.length).fill(null);
  const found = runJobs(open, bundles, claim, {
    query,
    mergesJobs,
    givesBlocks: 'never',
    rights: [],
    limits,
    scratchSlot: null,
    checkCancelled: () => signal.throwIfAborted(),
  });
  for (const { job, partial } of found) results[job] = partial;
  return results;
}

/** Whether indexes leave few rows of all jobs together, told by looking up a few values. */
function areFew(query: NativeQuery, jobs: readonly OpenJob[]): boolean {
  let rowCount = 0;
  for (const { segment } of jobs) {
    const choice = filterChoice({ segment, scratchSlot: null }, query);
    if (choice.kind !== 'bitmap' && choice.kind !== 'nothing') return false;
    if (choice.kind === 'bitmap') rowCount += choice.rowCount;
    if (rowCount > FEW_ROWS) return false;
  }
  return true;
}

/** Whether a query's filter asks for a few values, or ranges of them: other conditions may have to walk over dictionaries. */
function arePlain({ filter }: NativeQuery, [job]: readonly OpenJob[]): boolean {
  // What is a text in one segment is hardly a number in another.
  const isText = (column: string): boolean => job?.segment.describe(column)?.type === 'STRING';
  return filter !== null && isPlain(filter, isText);
}

function isPlain({ form }: Filter, isText: (column: string) => boolean): boolean {
  switch (form?.kind) {
    case 'and':
    case 'or':
      return form.filters.every((each) => isPlain(each, isText));
    case 'not':
    case 'is':
      return isPlain(form.filter, isText);
    case 'constant':
      return true;
    case 'values':
      if (!isText(form.column)) return true;
      return (
        form.texts?.kind === 'range' ||
        (form.texts?.kind === 'points' && form.texts.texts.length <= MAX_POINTS)
      );
    default:
      return false;
  }
}
