import { CapacityError, utf8Encode } from '../../core/index.js';
import {
  addCounts,
  DEAD_LETTERS,
  type LetterReason,
  NO_ROWS,
  type PushFormat,
  type PushWorker,
  type ReplayRequest,
  type RowCounts,
} from '../../ingest/index.js';
import type { Value } from '../../model/index.js';
import { parseNativeQuery, type QueryEngine } from '../../query/index.js';

/** Why a row was not stored. */
export const LETTER_REASONS = [
  'malformed',
  'timestamp',
  'type',
  'oversized',
  'late',
  'future',
  'transform',
] as const satisfies readonly LetterReason[];

/** Which dead letters to push again, and how. */
export interface ReplayOptions {
  /** All, when absent. */
  readonly reasons?: readonly LetterReason[] | undefined;
  /** Stores late and future rows whatever the policy of the table says. */
  readonly acceptLate?: boolean | undefined;
  /** At most so many letters, oldest first. */
  readonly limit?: number | undefined;
}

/** What became of letters that were pushed again: `received` of them; `deduplicated` were stored by an earlier replay. */
export interface ReplaySums extends RowCounts {
  readonly table: string;
  /** Shows what was stored, when given to a query; null when nothing was pushed. */
  readonly token: string | null;
}

export interface DeadLettersOptions {
  readonly engine: Pick<QueryEngine, 'run'>;
  readonly worker: Pick<PushWorker, 'replay'>;
  sleep(ms: number): Promise<void>;
}

/** Numbers of letters that one scan asks for: rows of all of them are in memory at once. */
const PAGE_NUMBERS = 256;

/** How often a page is tried again while the server is busy. */
const MAX_TRIES = 60;

type Letter = ReplayRequest['letters'][number];

const ETERNITY = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z';

/** Dead letters of push tables, read back by the query engine from where they are published or live. */
export class DeadLetters {
  constructor(private readonly options: DeadLettersOptions) {}

  /**
   * Pushes letters of a table again, whose numbers are below `count`, in their order. The worker knows which were stored
   * by an earlier replay; letters of which only the beginning was kept are left out.
   */
  async replay(table: string, count: number, options: ReplayOptions): Promise<ReplaySums> {
    const { reasons, acceptLate = false, limit = Number.POSITIVE_INFINITY } = options;
    let sums: ReplaySums = { table, token: null, ...NO_ROWS };
    for (let from = 0; from < count && sums.received < limit; from += PAGE_NUMBERS) {
      const to = Math.min(from + PAGE_NUMBERS, count);
      const letters = (await this.#page(table, from, to, reasons)).slice(0, limit - sums.received);
      if (letters.length === 0) continue;
      const answer = await this.#push(() =>
        this.options.worker.replay({ table, letters, acceptLate }),
      );
      sums = { ...addCounts(sums, answer), table, token: answer.token };
    }
    return sums;
  }

  /** Letters whose number is in [from, to), in order. */
  async #page(
    table: string,
    from: number,
    to: number,
    reasons: readonly LetterReason[] | undefined,
  ): Promise<Letter[]> {
    const { rows, fields } = await this.options.engine.run(
      parseNativeQuery({
        queryType: 'scan',
        dataSource: DEAD_LETTERS,
        intervals: ETERNITY,
        columns: ['letter', 'format', 'encoding', 'raw'],
        filter: { type: 'and', fields: filters(table, from, to, reasons) },
      }),
    );
    const places = ['letter', 'format', 'encoding', 'raw'].map((column) =>
      fields.findIndex(({ name }) => name === column),
    );
    return rows
      .map((row) => letterOf(places.map((place) => row[place] ?? null)))
      .sort((a, b) => a.letter - b.letter);
  }

  /** A busy server is waited for, so that what is behind is not left undone. */
  async #push<T>(send: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof CapacityError) || tries === MAX_TRIES) throw error;
        await this.options.sleep(error.retryAfterMs);
      }
    }
  }
}

function filters(
  table: string,
  from: number,
  to: number,
  reasons: readonly LetterReason[] | undefined,
): object[] {
  return [
    { type: 'selector', dimension: 'table', value: table },
    { type: 'selector', dimension: 'truncated', value: '0' },
    {
      type: 'bound',
      dimension: 'letter',
      ordering: 'numeric',
      lower: String(from),
      upper: String(to),
      upperStrict: true,
    },
    ...(reasons === undefined ? [] : [{ type: 'in', dimension: 'reason', values: reasons }]),
  ];
}

function letterOf([letter, format, encoding, raw]: readonly Value[]): Letter {
  const text = String(raw ?? '');
  return {
    letter: Number(letter),
    format: format as PushFormat,
    truncated: false,
    raw: encoding === 'base64' ? new Uint8Array(Buffer.from(text, 'base64')) : utf8Encode(text),
  };
}
