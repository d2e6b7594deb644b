import {
  type Clock,
  crc32c,
  type Disk,
  isJsonObject,
  type Logger,
  NotFoundError,
  parseJson,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryStats } from '../result.js';
import { type QueryShape, shapeOf } from './query-shape.js';
import { parseRecord } from './shape-record.js';

/** What the queries of one shape came to. */
export interface ShapeRecord {
  readonly table: string;
  readonly shape: QueryShape;
  /** When the last of them was answered, in milliseconds since the epoch. */
  readonly lastMs: number;
  readonly count: number;
  /** Time of scans and merges. */
  readonly totalMs: number;
  /** Rows that were looked at, records of star-trees among them. */
  readonly rows: number;
  /** Queries that read star-trees, the records of these, and the rows that these stood for. */
  readonly treeCount: number;
  readonly treeRecords: number;
  readonly treeRows: number;
}

export interface QueryLogOptions {
  readonly disk: Disk;
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Beyond, the shapes that nobody asked for longest are forgotten. */
  readonly maxShapes: number;
  /** Shapes that nobody asked for this long are forgotten; null: never. */
  readonly keepMs: number | null;
  /** Runs something soon, when what is more urgent is done. */
  readonly soon: (run: () => void) => void;
}

/** Queries that were answered and not looked at yet; more are not counted. */
const MAX_WAITING = 1000;

/** A shape of more text is not kept: a program made it. */
const MAX_SHAPE_CHARACTERS = 8192;

/**
 * The shapes of the queries that were answered, and what they took; for advice, so nothing is synced and nothing of it is ever missed.
 *
 * The file is UTF-8, one JSON a line: `{"version":1,"crc32c":…}`, the checksum of all bytes behind its line, then a `ShapeRecord` a line, the
 * one asked for longest ago first. It is written anew under another name and renamed: a power cut may leave nothing of it, or what has
 * not its checksum, which is as good as no log.
 */
export class QueryLog {
  /** By table and shape as JSON, the one asked for longest ago first. */
  readonly #records = new Map<string, ShapeRecord>();
  #waiting: { readonly query: NativeQuery; readonly stats: QueryStats }[] = [];
  #isWritten = true;

  constructor(private readonly options: QueryLogOptions) {
    this.#load();
  }

  /** Counts a query that was answered, later. */
  add(query: NativeQuery, stats: QueryStats): void {
    if (this.#waiting.length === 0) this.options.soon(() => this.#takeWaiting());
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ query, stats });
  }

  /** Of a table, or of all. */
  records(table?: string): ShapeRecord[] {
    this.#takeWaiting();
    this.#forget();
    const all = [...this.#records.values()];
    return table === undefined ? all : all.filter((record) => record.table === table);
  }

  /** Writes what has changed. */
  write(): void {
    this.#takeWaiting();
    this.#forget();
    if (this.#isWritten) return;
    const { disk, path } = this.options;
    const body = utf8Encode(
      [...this.#records.values()].map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
    const temporary = `${path}.tmp`;
    const file = disk.create(temporary);
    try {
      file.write(utf8Encode(`${JSON.stringify({ version: 1, crc32c: crc32c(body) })}\n`));
      file.write(body);
    } finally {
      file.close();
    }
    disk.rename(temporary, path);
    this.#isWritten = true;
  }

  #takeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { query, stats } of waiting) this.#count(query, stats);
  }

  #count(query: NativeQuery, stats: QueryStats): void {
    const found = shapeOf(query);
    if (found === null) return;
    const { shape, tables } = found;
    const text = JSON.stringify(shape);
    if (text.length > MAX_SHAPE_CHARACTERS) return;
    // Nobody asks which table of a union took what.
    const share = 1 / tables.length;
    for (const table of tables) {
      const key = `${table}\n${text}`;
      const before = this.#records.get(key);
      this.#records.delete(key);
      this.#records.set(key, {
        table,
        shape,
        lastMs: this.options.clock.nowMs(),
        count: (before?.count ?? 0) + 1,
        totalMs: (before?.totalMs ?? 0) + share * (stats.scanMs + stats.mergeMs),
        rows: (before?.rows ?? 0) + share * stats.rowsScanned,
        treeCount: (before?.treeCount ?? 0) + (stats.treeSegments > 0 ? 1 : 0),
        treeRecords: (before?.treeRecords ?? 0) + share * stats.treeRecords,
        treeRows: (before?.treeRows ?? 0) + share * stats.treeRows,
      });
    }
    this.#isWritten = false;
    this.#forget();
  }

  #forget(): void {
    const { clock, keepMs, maxShapes } = this.options;
    const oldestMs = keepMs === null ? Number.NEGATIVE_INFINITY : clock.nowMs() - keepMs;
    for (const [key, { lastMs }] of this.#records) {
      if (this.#records.size <= maxShapes && lastMs >= oldestMs) return;
      this.#records.delete(key);
      this.#isWritten = false;
    }
  }

  #load(): void {
    const { disk, path, logger } = this.options;
    try {
      for (const record of readRecords(disk.readFile(path))) {
        this.#records.set(`${record.table}\n${JSON.stringify(record.shape)}`, record);
      }
    } catch (error) {
      if (error instanceof NotFoundError) {
        logger.info({ path }, 'there is no query log yet: queries are counted from now on');
      } else {
        logger.warn({ path, err: error }, 'the query log cannot be read: it begins anew');
      }
    }
  }
}

function readRecords(bytes: Uint8Array): ShapeRecord[] {
  const head = bytes.indexOf(NEW_LINE) + 1;
  const header = parseJson(utf8Decode(bytes.subarray(0, head)));
  if (!isJsonObject(header) || header.version !== 1) throw new Error('want version 1');
  const body = bytes.subarray(head);
  if (header.crc32c !== crc32c(body)) throw new Error('checksum mismatch');
  const lines = utf8Decode(body).split('\n').slice(0, -1);
  return lines.map((line) => parseRecord(JSON.parse(line)));
}

const NEW_LINE = 10;
