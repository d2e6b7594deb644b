import { type ConflictError, invariant, type JsonObject } from '../../core/index.js';
import type { DimensionSchema, SegmentSchema } from '../../segments/index.js';
import type { BatchCursor } from '../rows/batch-cursor.js';
import type { BodyRows } from './bodies/body.js';
import { readBody } from './bodies/read-body.js';
import type { AdoptCommand, Command, PushCommand, ReplayCommand } from './command.js';
import { checkIdentity } from './identity.js';
import { type Letter, LetterRows } from './letters/dead-letters.js';
import { NumberSet } from './letters/number-set.js';
import { parseTableSpec, type TableSpec } from './spec/table-spec.js';
import { addCounts, type BatchAnswer, MAX_ERRORS, NO_ROWS } from './state/answer.js';
import { decodeCheckpoint, encodeCheckpoint } from './state/checkpoint.js';
import { TableColumns, withListed } from './state/columns.js';
import { Dedup, type Known } from './state/dedup.js';
import {
  ANY_TIME,
  type JudgedRows,
  judgeRows,
  latestTime,
  type TimeBounds,
  withColumn,
} from './state/judge.js';
import { replayedRows } from './state/replayed-rows.js';
import { Watermark } from './state/watermark.js';
import type { PushIdentity, RowCounts, RowError } from './types.js';

/** Rows to append to the table's mutable segment: those of `cursor` that `kept` names. */
export interface StoredRows {
  readonly cursor: BatchCursor;
  readonly kept: Uint32Array;
  /** By row of the cursor, milliseconds. */
  readonly times: Float64Array;
  /** The dimensions after this batch: those before it, of which `auto` ones may be wider, and new ones behind them. */
  readonly dimensions: readonly DimensionSchema[];
  /** The version of the spec that the rows were read under; its metrics may differ from another's. */
  readonly spec: TableSpec;
}

/** What a command did. */
export type Applied =
  | {
      readonly outcome: 'taken';
      readonly answer: BatchAnswer;
      /** Null when none is to be stored. */
      readonly rows: StoredRows | null;
      /** Rows for `sys.dead_letters`; null when there are none. */
      readonly letters: LetterRows | null;
    }
  /** Counted, and nothing more. The answer is null for a command that only counts. */
  | { readonly outcome: 'duplicate'; readonly answer: BatchAnswer | null }
  /** The state is that of another log from now on. */
  | { readonly outcome: 'adopted'; readonly answer: null }
  /** The batch as a whole was not taken, and none of its rows is counted. */
  | { readonly outcome: 'refused'; readonly error: ConflictError };

/** What is told of a table. */
export interface TableStats extends RowCounts {
  /** Null before there is one. */
  readonly watermarkMs: number | null;
  /** Dead letters since the table began. */
  readonly letters: number;
}

/**
 * The state of one push table: a deterministic fold over its commands. Same versions of the spec and
 * same commands give the same state, answers, rows and letters, whenever they are applied; the only
 * clock is the time of arrival in the command. After every command
 *
 *     received = stored + late + rejected + deduplicated
 */
export class TableState {
  readonly #specs: (TableSpec | null)[] = [];
  readonly #versions: JsonObject[];
  #counts: RowCounts = NO_ROWS;
  #nextLetter = 0;
  #replayed = new NumberSet();
  #columns = new TableColumns([]);
  #watermark = new Watermark();
  #dedup = new Dedup();
  #epoch = 0;

  /**
   * @param versions the versions of the table's spec, in order, from 1; all that commands name
   * @param checkpoint what `checkpoint` gave; null: from the first command on
   */
  constructor(
    readonly name: string,
    versions: readonly JsonObject[],
    checkpoint: Uint8Array | null = null,
  ) {
    this.#versions = [...versions];
    if (checkpoint !== null) this.#restore(checkpoint);
  }

  /** The newest version of the spec. */
  get spec(): TableSpec {
    return this.#specOf(this.#versions.length);
  }

  /** The number of the newest version. */
  get specVersion(): number {
    return this.#versions.length;
  }

  /** See `OpenedTable`: of the last time that the table came from another log. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Adds a version of the spec that `checkSpecChange` has passed. */
  addVersion(json: JsonObject): void {
    this.#versions.push(json);
  }

  /** All dimensions so far and those that the newest version lists, in order. */
  get dimensions(): readonly DimensionSchema[] {
    return withListed(this.#columns.all, this.spec);
  }

  get stats(): TableStats {
    const { valueMs } = this.#watermark;
    const watermarkMs = Number.isFinite(valueMs) ? valueMs : null;
    return { ...this.#counts, watermarkMs, letters: this.#nextLetter };
  }

  /**
   * Whether a batch was taken before; asked before it is logged, so that the log need not hold it
   * twice. Throws UserError when its sender is not named as it must be.
   */
  known(identity: PushIdentity): Known {
    checkIdentity(identity);
    return this.#dedup.known(identity);
  }

  /**
   * Folds the next command in.
   *
   * @param position where the command ends in the log: every reader of that much sees its rows
   */
  apply(command: Command, position: number): Applied {
    if (command.kind === 'push') return this.#push(command, position);
    if (command.kind === 'replay') return this.#replay(command, position);
    if (command.kind === 'adopt') return this.#adopt(command, position);
    this.#count({ ...NO_ROWS, received: command.rows, deduplicated: command.rows });
    return { outcome: 'duplicate', answer: null };
  }

  /** The state as bytes; equal states give equal bytes. */
  checkpoint(): Uint8Array {
    const { received, stored, late, rejected, deduplicated } = this.#counts;
    return encodeCheckpoint({
      table: this.name,
      counts: [received, stored, late, rejected, deduplicated],
      nextLetter: this.#nextLetter,
      replayed: this.#replayed.pack(),
      dimensions: this.#columns.all,
      watermark: this.#watermark.pack(),
      dedup: this.#dedup.pack(),
      ...(this.#epoch > 0 && { epoch: this.#epoch }),
    });
  }

  #push(command: PushCommand, position: number): Applied {
    // The first check was before the command was logged: others may have come in between.
    const known = this.#dedup.known(command);
    if (known.kind === 'refused') return { outcome: 'refused', error: known.error };
    if (known.kind === 'duplicate') {
      const { received } = known.answer;
      this.#count({ ...NO_ROWS, received, deduplicated: received });
      return { outcome: 'duplicate', answer: known.answer };
    }
    const spec = this.#specOf(command.specVersion);
    const { maxRowBytes } = spec.limits;
    const body = readBody(command.format, command.body, {
      maxRowBytes,
      columns: command.columns,
      timeColumn: spec.timestamp.column,
    });
    const bounds = this.#bounds(spec, command.arrivalMs);
    const judged = this.#judge(body, spec, bounds, command.arrivalMs);
    this.#watermark.observe(command.producer ?? '', latestTime(judged, bounds), command.arrivalMs);
    this.#watermark.advance(command.arrivalMs, spec.time);
    const counts = { ...NO_ROWS, received: body.count };
    const listed = judged.refused.filter((error) => isListed(error, spec));
    const answer = this.#answer(counts, judged, listed, position);
    this.#dedup.remember(command, answer, spec.dedup);
    const letters = judged.refused.map((error) => this.#letter(error, body));
    return {
      outcome: 'taken',
      answer,
      rows: this.#stored(judged, spec),
      letters: letters.length === 0 ? null : new LetterRows(letters, { ...command, position }),
    };
  }

  #replay(command: ReplayCommand, position: number): Applied {
    const spec = this.#specOf(command.specVersion);
    const { arrivalMs } = command;
    const bounds = command.acceptLate ? ANY_TIME : this.#bounds(spec, arrivalMs);
    const seen = new Set<number>();
    const fresh = command.letters.filter(({ letter }) => {
      const isRepeat = this.#isReplayed(letter) || seen.has(letter);
      seen.add(letter);
      return !isRepeat;
    });
    const body = replayedRows(fresh, spec.limits.maxRowBytes, (letter) => this.#whyLost(letter));
    const judged = this.#judge(body, spec, bounds, arrivalMs);
    for (const row of judged.kept) this.#replayed.add(fresh[body.numbers[row]!]!.letter);
    const received = command.letters.length;
    const counts = { ...NO_ROWS, received, deduplicated: received - fresh.length };
    return {
      outcome: 'taken',
      answer: this.#answer(counts, judged, judged.refused, position),
      rows: this.#stored(judged, spec),
      letters: null,
    };
  }

  /** Positions of another log say nothing here: all rows of then are published, which a reader of this command sees. */
  #adopt({ epoch, state }: AdoptCommand, position: number): Applied {
    this.#restore(state);
    this.#dedup.moveTo(position);
    this.#epoch = epoch;
    return { outcome: 'adopted', answer: null };
  }

  /** A letter that was stored by an earlier replay. */
  #isReplayed(letter: number): boolean {
    return letter >= this.#replayed.floor && this.#replayed.has(letter);
  }

  /** Why a letter cannot be replayed whatever it holds; null when it can. */
  #whyLost(letter: number): string | null {
    if (letter >= this.#nextLetter) return 'there is no such letter';
    if (letter >= this.#replayed.floor) return null;
    return 'it is too old: whether it was replayed is not known any more';
  }

  #bounds({ time }: TableSpec, arrivalMs: number): TimeBounds {
    return {
      lateBeforeMs: this.#watermark.advance(arrivalMs, time) - time.allowedLatenessMs,
      late: time.late,
      futureAfterMs: arrivalMs + (time.maxFutureMs ?? Number.POSITIVE_INFINITY),
      future: time.future,
    };
  }

  #judge(body: BodyRows, spec: TableSpec, bounds: TimeBounds, arrivalMs: number): JudgedRows {
    const { arrivalColumn } = spec.time;
    const stamped =
      arrivalColumn === null
        ? body
        : { ...body, batch: withColumn(body.batch, arrivalColumn, arrivalMs) };
    return judgeRows(stamped, this.#columns.reader(spec), spec, bounds);
  }

  /** Counts the rows and makes the answer. */
  #answer(
    counted: RowCounts,
    { kept, refused }: JudgedRows,
    listed: readonly RowError[],
    position: number,
  ): BatchAnswer {
    const late = refused.filter(({ reason }) => reason === 'late').length;
    const rejected = refused.length - late;
    const counts = { ...counted, stored: kept.length, late, rejected };
    this.#count(counts);
    return { ...counts, position, errors: listed.slice(0, MAX_ERRORS) };
  }

  #count(counts: RowCounts): void {
    this.#counts = addCounts(this.#counts, counts);
    const { received, stored, late, rejected, deduplicated } = this.#counts;
    invariant(received === stored + late + rejected + deduplicated, 'a row has no fate, or two');
  }

  #letter({ row, reason, message }: RowError, body: BodyRows): Letter {
    return { ...body.raw(row), letter: this.#nextLetter++, reason, message, row };
  }

  #stored({ cursor, kept, times }: JudgedRows, spec: TableSpec): StoredRows | null {
    if (kept.length === 0) return null;
    return { cursor, kept, times, dimensions: this.#columns.all, spec };
  }

  #specOf(version: number): TableSpec {
    const json = this.#versions[version - 1];
    invariant(json !== undefined, `table ${this.name} has no version ${version} of its spec`);
    const spec = this.#specs[version - 1] ?? parseTableSpec(this.name, json);
    this.#specs[version - 1] = spec;
    return spec;
  }

  #restore(checkpoint: Uint8Array): void {
    const state = decodeCheckpoint(checkpoint, this.name);
    const [received = 0, stored = 0, late = 0, rejected = 0, deduplicated = 0] = state.counts;
    this.#counts = { received, stored, late, rejected, deduplicated };
    this.#nextLetter = state.nextLetter;
    this.#replayed = NumberSet.unpack(state.replayed);
    this.#columns = new TableColumns(state.dimensions);
    this.#watermark = Watermark.unpack(state.watermark);
    this.#dedup = Dedup.unpack(state.dedup);
    this.#epoch = state.epoch ?? 0;
  }
}

/** Rows that a policy puts aside quietly are counted and kept as letters, and not told one by one. */
function isListed({ reason }: RowError, { time }: TableSpec): boolean {
  if (reason === 'late') return time.late === 'reject';
  return reason !== 'future' || time.future === 'reject';
}

/** The schema of segments of a table's rows. */
export const tableSchema = (
  { dataSource, metrics, granularity, starTrees }: TableSpec,
  dimensions: readonly DimensionSchema[],
): SegmentSchema => ({
  dataSource,
  dimensions,
  metrics,
  rollup: granularity.rollup,
  queryGranularity: granularity.queryGranularity,
  starTrees,
});
