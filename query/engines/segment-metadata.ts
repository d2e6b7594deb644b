import type { Interval } from '../../model/index.js';
import { overlaps } from '../../model/index.js';
import { attachSegment, describeTree } from '../../segments/index.js';
import type { SegmentMetadataQuery } from '../native/query.js';
import { withoutTable } from '../plan/worker-spec.js';
import type { TablePart } from '../tables.js';
import { decodeAnalysis } from './analysis-wire.js';
import type { MetadataEngine } from './metadata-engine.js';
import {
  analyseSegment,
  analysisJson,
  includedColumns,
  mergeAnalyses,
  type SegmentAnalysis,
} from './segment-analysis.js';
import { sketchIndexes } from './sketch-analysis.js';

/** Describes segments and their columns from their directories, and from sketches; no row is read. */
export const segmentMetadataEngine: MetadataEngine<SegmentMetadataQuery> = {
  async answer(query, parts, onLost, signal) {
    const wanted = wantedParts(query, parts);
    const holder = wanted[0]?.holder;
    const lost = onLost && ((numbers: readonly number[]) => onLost(numbers.map((i) => wanted[i]!)));
    const analyses =
      holder === undefined
        ? await analyseParts(query, wanted, signal)
        : (await holder.analyse(withoutTable(query), wanted, lost, signal)).map(decodeAnalysis);
    const merged = query.merge ? mergeAnalyses(query, analyses) : null;
    const shown = query.merge ? (merged === null ? [] : [merged]) : analyses;
    return {
      fields: [{ name: 'analysis', type: 'COMPLEX<json>' }],
      rows: shown.map((analysis) => [analysisJson(analysis)]),
    };
  },
};

/** What is known of each part of this process. */
export async function analyseParts(
  query: SegmentMetadataQuery,
  parts: readonly TablePart[],
  signal: AbortSignal,
): Promise<SegmentAnalysis[]> {
  const analyses: SegmentAnalysis[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    analyses.push(await analyse(query, part));
  }
  return analyses;
}

async function analyse(query: SegmentMetadataQuery, part: TablePart): Promise<SegmentAnalysis> {
  const pinned = await part.pin({ columns: [] });
  try {
    const { handle } = pinned;
    const segment = attachSegment(handle);
    const trees = handle.kind === 'immutable' ? handle.directory.trees.map(describeTree) : [];
    const indexes = query.analysisTypes.has('sketches')
      ? sketchIndexes(includedColumns(query, segment))
      : [];
    if (indexes.length === 0) return analyseSegment(query, part.id, segment, trees);
    const sketches = await part.pin({ columns: 'none', indexes });
    try {
      return analyseSegment(query, part.id, attachSegment(sketches.handle), trees);
    } finally {
      sketches.release();
    }
  } finally {
    pinned.release();
  }
}

/** Without intervals: the week before the end of the newest segment. */
function wantedParts(
  query: SegmentMetadataQuery,
  parts: readonly TablePart[],
): readonly TablePart[] {
  if (!query.usingDefaultInterval || parts.length === 0) return parts;
  const endMs = parts.reduce(
    (end, part) => Math.max(end, part.id.interval.endMs),
    Number.NEGATIVE_INFINITY,
  );
  const week: Interval = { startMs: endMs - WEEK_MS, endMs };
  return parts.filter((part) => overlaps(part.id.interval, week));
}

const WEEK_MS = 7 * 24 * 3_600_000;
