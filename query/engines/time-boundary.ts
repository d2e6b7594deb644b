import { rowSelector } from '../compiler/select-rows.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan, walk } from '../interpreter/walk.js';
import type { TimeBoundaryQuery } from '../native/query.js';
import { physicalInputs } from './aggregation.js';
import type { ScanEngine, TimesPartial } from './engine.js';

/** The first and last time of the rows; answered without reading where nothing filters them. */
export const timeBoundaryEngine: ScanEngine<TimeBoundaryQuery, TimesPartial> = {
  prepare: (query) => query,
  inputs: (query) => physicalInputs(query, []),
  withoutScan(query, { excluded, interval, minMs, maxMs }) {
    if (excluded) return { kind: 'times', minMs: null, maxMs: null, rowsScanned: 0 };
    if (query.filter !== null || interval < 0) return null;
    return { kind: 'times', minMs, maxMs, rowsScanned: 0 };
  },
  groups: () => null,
  scan: scanTimes,
  candidates: () => null,
  asRows: () => null,
  enough: () => false,
  *finish(query, results) {
    const starts = results.flatMap(({ partial }) => partial.minMs ?? []);
    const ends = results.flatMap(({ partial }) => partial.maxMs ?? []);
    const times = {
      minTime: starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      maxTime: ends.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    };
    const bounds = query.bound === null ? (['minTime', 'maxTime'] as const) : [query.bound];
    return {
      fields: bounds.map((name) => ({ name, type: 'LONG' })),
      rows: starts.length === 0 ? [] : [bounds.map((bound) => times[bound])],
    };
  },
};

function scanTimes(query: TimeBoundaryQuery, target: ScanTarget): TimesPartial {
  const scan = openScan(target, query.virtualColumns);
  let minMs: number | null = null;
  let maxMs: number | null = null;
  const { rowsScanned } = walk(scan, rowSelector(scan, query), () => {
    const timeMs = scan.cursor.timeMs();
    if (minMs === null || timeMs < minMs) minMs = timeMs;
    if (maxMs === null || timeMs > maxMs) maxMs = timeMs;
  });
  return { kind: 'times', minMs, maxMs, rowsScanned };
}
