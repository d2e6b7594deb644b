import { columnNames, type StoredSegment } from '../../cluster/index.js';
import { formatInterval, type Interval, overlaps } from '../../model/index.js';

interface Columns {
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
}

/** The columns that published segments have in an interval, in the order of their names. */
export function columnsIn(segments: readonly StoredSegment[], interval: Interval): Columns {
  const there = segments.filter(({ id }) => overlaps(id.interval, interval));
  const names = (role: 'dimension' | 'metric') => [
    ...new Set(there.flatMap(({ sealed }) => columnNames(sealed, role))),
  ];
  return { dimensions: names('dimension').sort(), metrics: names('metric').sort() };
}

/** The same by the intervals of the segments, from early to late; those that abut and have equal columns are one. */
export function columnsByInterval(
  segments: readonly StoredSegment[],
  interval: Interval,
): Record<string, Columns> {
  const there = segments.filter(({ id }) => overlaps(id.interval, interval));
  const intervals = new Map(there.map(({ id }) => [formatInterval(id.interval), id.interval]));
  const spans: { interval: Interval; columns: Columns }[] = [];
  for (const each of [...intervals.values()].sort((a, b) => a.startMs - b.startMs)) {
    const ofChunk = there.filter(
      ({ id }) => id.interval.startMs === each.startMs && id.interval.endMs === each.endMs,
    );
    const columns = columnsIn(ofChunk, each);
    const last = spans.at(-1);
    if (last?.interval.endMs === each.startMs && isEqual(last.columns, columns)) {
      last.interval = { startMs: last.interval.startMs, endMs: each.endMs };
    } else spans.push({ interval: each, columns });
  }
  return Object.fromEntries(spans.map((span) => [formatInterval(span.interval), span.columns]));
}

const isEqual = (a: Columns, b: Columns): boolean => JSON.stringify(a) === JSON.stringify(b);
