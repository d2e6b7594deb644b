import { type Clock, stringifyJson, UserError } from '../../core/index.js';
import type { ParseException, RowStats } from '../batch/progress.js';
import { type InputBatch, valueIn } from '../input/batch.js';
import type { Tuning } from '../spec/task-spec.js';
import type { RowFates } from './row-fates.js';

const MAX_INPUT_LENGTH = 1_000;

/** Counts what became of a task's rows, and keeps the most recent of those that were not as they should be. */
export class RowCounter {
  #processed = 0;
  #processedWithError = 0;
  #thrownAway = 0;
  #unparseable = 0;
  #processedBytes = 0;
  readonly #saved: ParseException[] = [];

  constructor(
    private readonly tuning: Tuning,
    private readonly clock: Clock,
  ) {}

  get stats(): RowStats {
    return {
      processed: this.#processed,
      processedWithError: this.#processedWithError,
      thrownAway: this.#thrownAway,
      unparseable: this.#unparseable,
      processedBytes: this.#processedBytes,
    };
  }

  /** All rows read so far. */
  get rows(): number {
    return this.#processed + this.#processedWithError + this.#thrownAway + this.#unparseable;
  }

  /** The most recent ones, oldest first. */
  get parseExceptions(): readonly ParseException[] {
    return [...this.#saved];
  }

  /** Counts rows that were taken as they are, without being read. */
  countStored(rowCount: number, sizeBytes: number): void {
    this.#processed += rowCount;
    this.#processedBytes += sizeBytes;
  }

  /** Counts a batch. Throws UserError when more rows than allowed were not as they should be. */
  count(batch: InputBatch, fates: RowFates): void {
    const { rowCount, bad, bytes } = batch;
    const { lost, errors, thrownAway } = fates;
    this.#processedBytes += bytes;
    this.#thrownAway += thrownAway;
    this.#processed += rowCount - thrownAway - lost.size - errors.size;
    for (const { input, reason } of bad) this.#lose(() => input, reason);
    for (const [row, { reason }] of lost) this.#lose(() => inputText(batch, row), reason);
    for (const [row, reasons] of errors) {
      this.#processedWithError++;
      this.#note('PARTIALLY_PARSEABLE', () => inputText(batch, row), reasons);
    }
  }

  #lose(input: () => string, reason: string): void {
    this.#unparseable++;
    this.#note('UNPARSEABLE', input, [reason]);
  }

  #note(
    errorType: ParseException['errorType'],
    input: () => string,
    details: readonly string[],
  ): void {
    const { maxParseExceptions, maxSavedParseExceptions } = this.tuning;
    if (maxSavedParseExceptions > 0) {
      this.#saved.push({ timeMs: this.clock.nowMs(), errorType, input: input(), details });
      if (this.#saved.length > maxSavedParseExceptions) this.#saved.shift();
    }
    if (this.#unparseable + this.#processedWithError <= maxParseExceptions) return;
    throw new UserError(
      `Max parse exceptions[${maxParseExceptions}] exceeded; the last one: ${details.join('; ')} ` +
        `(input ${input().slice(0, 200)}). Mend the input or raise tuningConfig.maxParseExceptions`,
      'spec',
      'tuningConfig.maxParseExceptions',
    );
  }
}

/** A row's fields as JSON, cut to a readable length. */
function inputText({ columns }: InputBatch, row: number): string {
  const fields: [string, unknown][] = [];
  for (const [name, values] of columns) {
    const value = valueIn(values, row);
    if (value !== undefined) fields.push([name, value instanceof Date ? value.toJSON() : value]);
  }
  return stringifyJson(Object.fromEntries(fields)).slice(0, MAX_INPUT_LENGTH);
}
