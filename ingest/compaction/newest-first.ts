import type { VisibleSegment } from '../publisher.js';

/** The segment of the highest version is the newest, then that of the latest time. */
export const newestFirst = <S extends Pick<VisibleSegment, 'id'>>(segments: readonly S[]): S[] =>
  [...segments].sort(
    ({ id: a }, { id: b }) =>
      compareText(b.version, a.version) ||
      b.interval.startMs - a.interval.startMs ||
      b.partitionNum - a.partitionNum,
  );

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
