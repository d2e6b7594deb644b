import type { JsonObject } from '../../../core/index.js';
import type { BadRecord, InputBatch } from '../batch.js';
import { type Block, cut, joined } from '../lines.js';
import { piecesOf } from '../ndjson/pieces.js';
import { BLOCK_BYTES, Tokenizer } from '../ndjson/tokenizer.js';
import { type JsonOptions, JsonRecords } from './json-records.js';

/** What a report shows of a bad record. */
const MAX_SHOWN_CHARS = 1_000;

/**
 * Blocks of lines to batches. Lines that are one plain record go through the tokenizer's kernel; all others,
 * and those within an object over several lines, through `JsonRecords`.
 */
export class JsonReader {
  readonly #tokenizer: Tokenizer;
  readonly #records: JsonRecords;
  /** Records of lines that were no plain ones, until there is room for them. */
  #waiting: JsonObject[] = [];
  #bad: BadRecord[] = [];

  constructor(timeColumn: string | null, options?: JsonOptions) {
    this.#tokenizer = new Tokenizer(timeColumn, 'until next');
    const sink = {
      record: (record: JsonObject) => this.#waiting.push(record),
      bad: (input: string, reason: string) =>
        this.#bad.push({ input: input.slice(0, MAX_SHOWN_CHARS), reason }),
    };
    this.#records = new JsonRecords(sink, options);
  }

  /** Batches that are valid until the next one; at least one, so that progress is seen; the last one holds the bytes of the whole block. */
  *read({ pieces, bad, bytes }: Block): Generator<InputBatch> {
    this.#bad.push(...bad);
    if (pieces.reduce((sum, { length }) => sum + length, 0) <= BLOCK_BYTES) {
      yield* this.#readPieces(pieces);
    } else yield* this.#readLarge(joined(pieces));
    yield this.#batch(bytes);
  }

  /** The input ends. */
  *end(): Generator<InputBatch> {
    this.#records.end();
    yield* this.#admit();
    if (this.#tokenizer.rowCount > 0 || this.#bad.length > 0) yield this.#batch(0);
  }

  *#readLarge(lines: Uint8Array): Generator<InputBatch> {
    for (const piece of piecesOf(lines)) {
      // Of the piece before.
      if (this.#tokenizer.rowCount > 0) yield this.#batch(0);
      if (piece.length > BLOCK_BYTES) yield* this.#readLong(piece);
      else yield* this.#readPieces([piece]);
    }
  }

  *#readPieces(pieces: readonly Uint8Array[]): Generator<InputBatch> {
    const tokenizer = this.#tokenizer;
    tokenizer.load(pieces);
    for (;;) {
      const stop = this.#records.hasBegun ? 'surprise' : tokenizer.advance();
      if (stop === 'end') return;
      if (stop === 'full') yield this.#batch(0);
      else {
        const line = tokenizer.takeLine();
        if (line === null) return;
        this.#records.line(line);
        yield* this.#admit();
      }
    }
  }

  /** A line that is too long for the tokenizer. */
  *#readLong(piece: Uint8Array): Generator<InputBatch> {
    const { texts, bad } = cut({ pieces: [piece], bad: [], bytes: piece.length });
    this.#bad.push(...bad);
    for (const text of texts) this.#records.line(text);
    yield* this.#admit();
  }

  *#admit(): Generator<InputBatch> {
    for (const record of this.#waiting.splice(0)) {
      if (this.#tokenizer.isFull) yield this.#batch(0);
      this.#tokenizer.add(record);
    }
  }

  #batch(bytes: number): InputBatch {
    const { rowCount } = this.#tokenizer;
    const bad = this.#bad;
    this.#bad = [];
    return { rowCount, columns: this.#tokenizer.take(), bad, bytes };
  }
}
