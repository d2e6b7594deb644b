import {
  type ColumnReader,
  NONE_GRANULARITY,
  NULL_READER,
  parseGranularity,
  type RowCursor,
  type Value,
} from '../../../model/index.js';
import type { DimensionSchema, SegmentSchema } from '../../../segments/index.js';
import type { RawRow } from '../bodies/body.js';
import { DEAD_LETTERS, type LetterReason } from '../types.js';

/** A row that was not stored, as a row of `sys.dead_letters`. */
export interface Letter extends RawRow {
  /** Of the letters of its table, from 0. */
  readonly letter: number;
  readonly reason: LetterReason;
  readonly message: string;
  /** Of its batch, from 0. */
  readonly row: number;
}

/** What all letters of a batch share. */
export interface LetterOrigin {
  readonly table: string;
  readonly arrivalMs: number;
  readonly producer: string | null;
  readonly sequence: number | null;
  /** Where the command of the batch ends in the log. */
  readonly position: number;
}

/** The columns of dead letters but `__time`, which is the time of arrival. */
const COLUMNS: Readonly<
  Record<
    string,
    readonly [DimensionSchema['type'], (letter: Letter, origin: LetterOrigin) => Value]
  >
> = {
  table: ['STRING', (_, { table }) => table],
  reason: ['STRING', ({ reason }) => reason],
  message: ['STRING', ({ message }) => message],
  producer: ['STRING', (_, { producer }) => producer],
  sequence: ['LONG', (_, { sequence }) => sequence],
  position: ['LONG', (_, { position }) => position],
  row: ['LONG', ({ row }) => row],
  letter: ['LONG', ({ letter }) => letter],
  format: ['STRING', ({ format }) => format],
  encoding: ['STRING', ({ encoding }) => encoding],
  truncated: ['LONG', ({ truncated }) => (truncated ? 1 : 0)],
  raw: ['STRING', ({ text }) => text],
};

/** Dead letters are published by the day of their arrival. */
export const DEAD_LETTER_GRANULARITY = parseGranularity('day', 'segmentGranularity');

/** The schema of `sys.dead_letters`. */
export const DEAD_LETTER_SCHEMA: SegmentSchema = {
  dataSource: DEAD_LETTERS,
  dimensions: Object.entries(COLUMNS).map(([name, [type]]) => ({
    name,
    type,
    multiValueHandling: 'ARRAY',
  })),
  metrics: [],
  rollup: false,
  queryGranularity: NONE_GRANULARITY,
};

/** Letters of one batch as rows that a mutable segment of `DEAD_LETTER_SCHEMA` takes. */
export class LetterRows implements RowCursor {
  row = 0;

  constructor(
    readonly letters: readonly Letter[],
    readonly origin: LetterOrigin,
  ) {}

  get rowCount(): number {
    return this.letters.length;
  }

  column(name: string): ColumnReader {
    const { letters, origin } = this;
    const base = { multiValue: false, exists: true };
    if (name === '__time') return { ...base, type: 'LONG', get: () => origin.arrivalMs };
    if (!Object.hasOwn(COLUMNS, name)) return NULL_READER;
    const [type, read] = COLUMNS[name]!;
    return { ...base, type, get: () => read(letters[this.row]!, origin) };
  }
}
