import { InternalError } from '../../core/index.js';
import type { PartHolder, PartOutline, TablePart } from '../../query/index.js';
import type { SegmentId } from '../../segments/index.js';
import type { PartRef } from '../serving/part-ref.js';

/** What a broker knows of a part, beside its name. */
export type PartTold = Pick<
  TablePart,
  'id' | 'interval' | 'minTimeMs' | 'maxTimeMs' | 'rowCount' | 'isUnknown' | 'contentId' | 'outline'
>;

/** What it is called, and who can have it: the same object for a segment in all queries. */
export interface PartPlace {
  readonly name: string;
  /** Of the name: chooses among nodes. */
  readonly hash: number;
  /** What a node has to know that has to fetch it first; null: nobody can. */
  readonly stored: object | null;
  /** The node that has it, alone; null: whoever serves the segment. */
  readonly node: string | null;
}

/** A part that other nodes have. */
export class RemotePart implements TablePart {
  readonly id: SegmentId;
  readonly interval: TablePart['interval'];
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly rowCount: number;
  readonly facts = null;
  declare readonly isUnknown?: boolean;
  declare readonly contentId?: string;
  declare readonly outline?: PartOutline;

  constructor(
    told: PartTold,
    readonly ref: PartRef,
    readonly place: PartPlace,
    readonly holder: PartHolder,
  ) {
    this.id = told.id;
    this.interval = told.interval;
    this.minTimeMs = told.minTimeMs;
    this.maxTimeMs = told.maxTimeMs;
    this.rowCount = told.rowCount;
    if (told.isUnknown !== undefined) this.isUnknown = told.isUnknown;
    if (told.contentId !== undefined) this.contentId = told.contentId;
    if (told.outline !== undefined) this.outline = told.outline;
  }

  pin(): never {
    throw new InternalError('a part that other nodes have is not pinned');
  }
}
