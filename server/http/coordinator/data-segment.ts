import { columnNames, type StoredSegment } from '../../../cluster/index.js';
import { type JsonObject, parseJson } from '../../../core/index.js';
import { formatInstant, formatInterval } from '../../../model/index.js';

/** Druid's `DataSegment`. */
export function dataSegment(segment: StoredSegment): JsonObject {
  const { id, idText, shardSpec, sealed, isTombstone, compactionState } = segment;
  return {
    dataSource: id.dataSource,
    interval: formatInterval(id.interval),
    version: id.version,
    loadSpec: isTombstone ? { type: 'tombstone' } : { type: 'local', path: sealed.path },
    dimensions: columnNames(sealed, 'dimension').join(','),
    metrics: columnNames(sealed, 'metric').join(','),
    shardSpec,
    ...(compactionState === null ? {} : { lastCompactionState: parseJson(compactionState) }),
    binaryVersion: 9,
    size: sealed.sizeBytes,
    identifier: idText,
  };
}

/** A segment that does not count: its `DataSegment`, as such and as a member, for clients read either. */
export const unusedSegment = (segment: StoredSegment): JsonObject => ({
  ...dataSegment(segment),
  dataSegment: dataSegment(segment),
  createdDate: formatInstant(segment.createdMs),
  usedStatusLastUpdatedDate: formatInstant(segment.usedChangedMs),
  used: segment.used,
  numRows: segment.sealed.rowCount,
});

/** Ids, or whole objects. */
export const listed = (segments: readonly StoredSegment[], isFull: boolean): unknown[] =>
  segments.map((segment) => (isFull ? dataSegment(segment) : segment.idText));

export const dataSource = (name: string, segments: readonly StoredSegment[]): JsonObject => ({
  name,
  properties: {},
  segments: segments.map(dataSegment),
});

export const totals = (segments: readonly StoredSegment[]) => ({
  size: segments.reduce((bytes, { sealed }) => bytes + sealed.sizeBytes, 0),
  count: segments.length,
});

/** Things by what `keyOf` says of them. */
export function grouped<T>(things: Iterable<T>, keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const list = groups.get(key) ?? [];
    groups.set(key, list);
    list.push(thing);
  }
  return groups;
}

/** Segments by what `keyOf` says, those of the latest interval first. */
export const groupBy = (
  segments: readonly StoredSegment[],
  keyOf: (segment: StoredSegment) => string,
): Map<string, StoredSegment[]> =>
  grouped(
    [...segments].sort((a, b) => b.id.interval.startMs - a.id.interval.startMs),
    keyOf,
  );

export const intervalOf = ({ id }: StoredSegment): string => formatInterval(id.interval);

export const dataSourceOf = ({ id }: StoredSegment): string => id.dataSource;

/** An object of what `toValue` makes of each group. */
export const mapped = <T>(
  groups: ReadonlyMap<string, T>,
  toValue: (group: T) => unknown,
): JsonObject => Object.fromEntries([...groups].map(([key, group]) => [key, toValue(group)]));
