import { ResourceLimitError } from '../../core/index.js';

/** What the command line splits into batches. */
export type LineFormat = 'ndjson' | 'csv';

export interface BatchLimits {
  /** Records of one batch; blank lines count. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** A single record may be as long. */
const MAX_RECORD_BYTES = 64 * 2 ** 20;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * Cuts a text of lines into batches, each a body by itself: CSV batches begin with the header of the text. A line feed
 * inside of quotes ends no record of CSV. Throws ResourceLimitError for a record beyond 64 MiB.
 */
export async function* batchesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  format: LineFormat,
  limits: BatchLimits,
): AsyncGenerator<Uint8Array> {
  const cutter = new Cutter(format === 'csv', limits);
  for await (const chunk of chunks) yield* cutter.add(chunk);
  yield* cutter.end();
}

class Cutter {
  #held = Buffer.alloc(0);
  /** How far the held bytes were looked at; the records before #end are whole. */
  #looked = 0;
  #end = 0;
  #records = 0;
  #inQuotes = false;
  /** Null until the header has come, where there is one. */
  #header: Buffer | null;

  constructor(
    private readonly isCsv: boolean,
    private readonly limits: BatchLimits,
  ) {
    this.#header = isCsv ? null : Buffer.alloc(0);
  }

  *add(chunk: Uint8Array): Generator<Uint8Array> {
    this.#held = Buffer.concat([this.#held, chunk]);
    while (this.#nextRecord()) {
      if (this.#header === null) {
        this.#header = Buffer.from(this.#take());
        continue;
      }
      this.#records++;
      const { maxRows, maxBytes } = this.limits;
      if (this.#records >= maxRows || this.#end >= maxBytes) yield this.#batch();
    }
    const open = this.#held.length - this.#end;
    if (open > MAX_RECORD_BYTES) {
      throw new ResourceLimitError(
        `a record is longer than ${MAX_RECORD_BYTES} bytes; end each with a line feed, and close every quote`,
        MAX_RECORD_BYTES,
        open,
      );
    }
  }

  *end(): Generator<Uint8Array> {
    // The last line may lack its end.
    this.#end = this.#held.length;
    if (this.#header !== null && this.#end > 0) yield this.#batch();
  }

  /** Moves #end behind the next whole record; false when there is none yet. */
  #nextRecord(): boolean {
    const held = this.#held;
    for (let at = this.#looked; at < held.length; at++) {
      const byte = held[at];
      if (byte === QUOTE && this.isCsv) this.#inQuotes = !this.#inQuotes;
      else if (byte === LINE_FEED && !this.#inQuotes) {
        this.#looked = at + 1;
        this.#end = at + 1;
        return true;
      }
    }
    this.#looked = held.length;
    return false;
  }

  /** The records so far, which are held no more. */
  #take(): Buffer {
    const taken = this.#held.subarray(0, this.#end);
    this.#held = this.#held.subarray(this.#end);
    this.#looked -= this.#end;
    this.#end = 0;
    this.#records = 0;
    return taken;
  }

  #batch(): Uint8Array {
    return new Uint8Array(Buffer.concat([this.#header!, this.#take()]));
  }
}
