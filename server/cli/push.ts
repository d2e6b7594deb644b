import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { RealDisk, systemRandom, UserError, uuid } from '../../core/index.js';
import { addCounts, NO_ROWS, type PushAnswer, type RowError } from '../../ingest/index.js';
import { BatchSender } from '../producer/batch-sender.js';
import { httpTransport } from '../producer/http-transport.js';
import { realWorld } from '../producer/transport.js';
import { batchesOf, type LineFormat } from './batches.js';
import { DEFAULT_URL } from './client.js';

interface PushFlags {
  readonly url: string;
  readonly format?: LineFormat;
  readonly batchRows: string;
  readonly producer?: string;
  readonly ack: 'disk' | 'memory';
}

const MAX_BATCH_BYTES = 4 * 2 ** 20;
const READ_BYTES = 2 ** 18;
const SHOWN_ERRORS = 10;
const GIVE_UP_AFTER_MS = 300_000;

export function pushCommand(): Command {
  return new Command('push')
    .description('push rows into a table, from a file or from standard input')
    .argument('<table>', 'made from the first rows when it is not declared')
    .argument('[file]', 'JSON lines or CSV; standard input when absent')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .addOption(
      new Option(
        '--format <format>',
        'of the rows; told by the name of the file when absent',
      ).choices(['ndjson', 'csv']),
    )
    .option('--batch-rows <number>', 'rows of one batch', '5000')
    .option('--producer <name>', 'pushing the same file under the same name again adds nothing')
    .addOption(
      new Option('--ack <when>', 'answered when rows are on disk, or in memory')
        .choices(['disk', 'memory'])
        .default('disk'),
    )
    .action(push);
}

async function push(table: string, file: string | undefined, flags: PushFlags): Promise<void> {
  const maxRows = Number(flags.batchRows);
  if (!Number.isSafeInteger(maxRows) || maxRows < 1) {
    throw new UserError(`--batch-rows: want an integer from 1 on; got ${flags.batchRows}`);
  }
  const format = flags.format ?? (file?.endsWith('.csv') ? 'csv' : 'ndjson');
  const sender = new BatchSender({
    transport: httpTransport(flags.url, {}),
    world: realWorld,
    table,
    producer: flags.producer ?? uuid(systemRandom),
    firstSequence: 0,
    ack: flags.ack,
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    mayRepeat: flags.producer !== undefined,
  });
  const chunks = file === undefined ? process.stdin : chunksOf(resolve(file));
  const tally = new Tally();
  try {
    for await (const batch of batchesOf(chunks, format, { maxRows, maxBytes: MAX_BATCH_BYTES })) {
      tally.add(await sender.send(format, batch));
    }
  } finally {
    tally.stop();
  }
  process.stdout.write(`${tally.summary(table, sender.retries)}\n`);
}

function* chunksOf(path: string): Generator<Uint8Array> {
  const file = new RealDisk().openRead(path);
  try {
    for (let at = 0; at < file.sizeBytes; at += READ_BYTES) {
      const chunk = new Uint8Array(Math.min(READ_BYTES, file.sizeBytes - at));
      file.readInto(chunk, at);
      yield chunk;
    }
  } finally {
    file.close();
  }
}

/** What became of the rows so far, shown as it grows. */
class Tally {
  readonly #startedMs = performance.now();
  readonly #bar = new SingleBar({
    format: '{rows} rows, {rate} rows/s, {seconds} s',
    clearOnComplete: true,
    hideCursor: true,
  });
  readonly #errors: RowError[] = [];
  #sums = NO_ROWS;
  #batches = 0;
  #repeated = 0;

  constructor() {
    this.#bar.start(1, 0, this.#fields());
  }

  add(answer: PushAnswer): void {
    for (const { row, ...error } of answer.errors) {
      if (this.#errors.length === SHOWN_ERRORS) break;
      this.#errors.push({ ...error, row: row + this.#sums.received });
    }
    this.#sums = addCounts(this.#sums, answer);
    this.#batches++;
    if (answer.duplicate) this.#repeated++;
    this.#bar.update(0, this.#fields());
  }

  stop(): void {
    this.#bar.stop();
    for (const { row, reason, message } of this.#errors) {
      process.stderr.write(`row ${row}: ${reason}: ${message}\n`);
    }
  }

  summary(table: string, retries: number): string {
    const { received, stored, late, rejected, deduplicated } = this.#sums;
    const known = this.#repeated === 0 ? '' : ` (${this.#repeated} batches were there already)`;
    return (
      `${shown(received)} rows pushed into ${table} in ${this.#batches} batches${known}, ${retries} retries: ` +
      `${shown(stored)} stored, ${shown(late)} late, ${shown(rejected)} rejected, ${shown(deduplicated)} deduplicated`
    );
  }

  #fields() {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const { received } = this.#sums;
    return {
      rows: shown(received),
      rate: shown(Math.round(received / Math.max(seconds, 0.001))),
      seconds: seconds.toFixed(1),
    };
  }
}

const shown = (count: number): string => count.toLocaleString('en-US');
