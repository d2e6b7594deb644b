import { murmur3Word, utf8Encode } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { PartHolder, PartOutline, TablePart } from '../../query/index.js';
import { segmentIdText } from '../../segments/index.js';
import { LIVE_VERSION } from '../inventory/live-part.js';
import { contentIdOf } from '../inventory/served-segment.js';
import type { PublishedSegment } from '../inventory/served-table.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { ToldPart } from '../serving/live-table.js';
import { type PartPlace, RemotePart } from './remote-part.js';

/** A published segment that other nodes serve, or can fetch. */
export class RemoteSegment implements PublishedSegment {
  readonly #contentId: string;
  readonly #place: PartPlace;
  readonly #outline: PartOutline;

  constructor(
    readonly stored: StoredSegment,
    private readonly holder: PartHolder,
  ) {
    this.#contentId = contentIdOf(stored);
    this.#place = placeOf(stored.idText, stored, null);
    this.#outline = outlineOf(stored);
  }

  part(interval: Interval): TablePart {
    const { id, idText, sealed } = this.stored;
    const { minTimeMs, maxTimeMs, rowCount } = sealed;
    const [contentId, outline] = [this.#contentId, this.#outline];
    const told = { id, interval, minTimeMs, maxTimeMs, rowCount, contentId, outline };
    const ref = { kind: 'segment', id: idText, interval, stored: null } as const;
    return new RemotePart(told, ref, this.#place, this.holder);
  }
}

/** Columns are looked for when a filter names them: there are many segments. */
const outlineOf = ({ shardSpec, sealed: { columns } }: StoredSegment): PartOutline => ({
  shardSpec,
  column: (wanted) => columns.find(({ name }) => name === wanted) ?? null,
});

export const placeOf = (name: string, stored: object | null, node: string | null): PartPlace => ({
  name,
  hash: murmur3Word(utf8Encode(name)),
  stored,
  node,
});

/** Rows that a node took in and has not published. */
export function remoteLivePart(part: ToldPart, node: string, holder: PartHolder): TablePart {
  const { dataSource, rowCount, minTimeMs, maxTimeMs } = part;
  const interval = { startMs: minTimeMs, endMs: maxTimeMs + 1 };
  const version = `${LIVE_VERSION} ${node}`;
  const id = { dataSource, interval, version, partitionNum: part.id };
  const ref = {
    kind: 'live',
    dataSource,
    part: part.id,
    rowCount,
    minTimeMs,
    maxTimeMs,
  } as const;
  const place = placeOf(segmentIdText(id), null, node);
  return new RemotePart({ id, interval, minTimeMs, maxTimeMs, rowCount }, ref, place, holder);
}
