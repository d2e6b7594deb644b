import { isJsonObject, type JsonObject, parseJson, UserError } from '../../../core/index.js';
import { ObjectScanner } from './object-scanner.js';

/** Takes what comes out of a text of JSON objects. */
export interface RecordSink {
  record(record: JsonObject): void;
  bad(input: string, reason: string): void;
}

/** How a text of objects is read. */
export interface JsonOptions {
  /** Reads one text; throws UserError for what is none. */
  readonly parse: (text: string) => unknown;
  /** Whether a line is a record, and an object that does not end with it a bad one. */
  readonly isLineByLine: boolean;
}

const USUAL: JsonOptions = { parse: parseJson, isLineByLine: false };

/** Characters of an object over several lines; beyond, its first line counts as bad. */
const MAX_OBJECT_LENGTH = 32 * 1024 * 1024;

/**
 * Reads JSON objects line by line. Mostly a line is one object; a line may also hold several, and an
 * object may go over several lines. A bad line costs that line and nothing else: when what seemed to be
 * an object over several lines turns out not to be one, only its first line is lost and the lines
 * behind it are read again.
 */
export class JsonRecords {
  /** Lines of an object that has begun and not ended; the first from where the object begins. */
  #pending: string[] = [];
  #pendingLength = 0;
  #scanner: ObjectScanner | null = null;

  constructor(
    private readonly sink: RecordSink,
    private readonly options = USUAL,
  ) {}

  /** True while an object has begun that goes on in the next line. */
  get hasBegun(): boolean {
    return this.#scanner !== null;
  }

  line(line: string): void {
    const queue = [line];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const again = this.#read(next);
      for (let i = again.length - 1; i >= 0; i--) queue.push(again[i]!);
    }
  }

  /** The input ends: an object that has begun will not end. */
  end(): void {
    while (this.#scanner !== null) {
      const again = this.#giveUp();
      for (const line of again) this.line(line);
    }
  }

  /** Reads a line; returns lines to read again. */
  #read(line: string): readonly string[] {
    if (this.#scanner !== null) return this.#continue(this.#scanner, line);
    if (isBlank(line)) return [];
    const problem = this.#tryWhole(line);
    if (problem === null) return [];
    if (this.options.isLineByLine) this.sink.bad(line, problem.message);
    else this.#split(line, 0, problem);
    return [];
  }

  /** Null when the text is one JSON value, which is then delivered. */
  #tryWhole(text: string): UserError | null {
    try {
      const value = this.options.parse(text);
      if (isJsonObject(value)) this.sink.record(value);
      else this.sink.bad(text, 'a record must be a JSON object');
      return null;
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }

  /** Reads the objects in `line` from `from` on, of which the last may go on in the next line. */
  #split(line: string, from: number, problem: UserError): void {
    let at = from;
    while (at < line.length) {
      const scanner = new ObjectScanner();
      const scan = scanner.scan(line, at);
      if (scan.state === 'incomplete') {
        const rest = line.slice(at);
        if (!isBlank(rest)) this.#begin(rest, scanner);
        return;
      }
      const text = scan.state === 'complete' ? line.slice(at, scan.end) : line.slice(at);
      const error = scan.state === 'complete' ? this.#tryWhole(text) : problem;
      if (error !== null) this.sink.bad(text, error.message);
      at += text.length;
    }
  }

  #begin(line: string, scanner: ObjectScanner): void {
    this.#scanner = scanner;
    this.#pending = [line];
    this.#pendingLength = line.length;
  }

  #continue(scanner: ObjectScanner, line: string): readonly string[] {
    const scan = scanner.scan(line, 0);
    if (scan.state === 'complete') {
      const text = [...this.#pending, line.slice(0, scan.end)].join('\n');
      const value = parsedOrNull(text);
      if (value !== null) {
        this.#scanner = null;
        this.sink.record(value);
        const rest = line.slice(scan.end);
        return isBlank(rest) ? [] : [rest];
      }
    }
    this.#pending.push(line);
    this.#pendingLength += line.length;
    const goesOn = scan.state === 'incomplete' && this.#pendingLength <= MAX_OBJECT_LENGTH;
    return goesOn ? [] : this.#giveUp();
  }

  /** The first pending line is bad; returns the others. */
  #giveUp(): readonly string[] {
    const [first, ...others] = this.#pending;
    this.#scanner = null;
    this.#pending = [];
    this.sink.bad(first ?? '', 'not valid JSON: the object does not end');
    return others;
  }
}

function parsedOrNull(text: string): JsonObject | null {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

const isBlank = (text: string): boolean => text === '' || text.trim() === '';
