import { SeededRandom, utf8Encode } from '../../core/index.js';
import type { PushCommand } from './command.js';
import { pushOf } from './testing.js';
import type { LetterReason, RowCounts } from './types.js';

/** For tests: the table that poisoned batches are for; most of its rows are fine. */
export const POISON_SPEC = {
  timestampSpec: { column: 'ts', format: 'millis' },
  dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
  time: {
    outOfOrderness: 'PT10S',
    allowedLateness: 'PT10S',
    late: 'reject',
    maxFuture: 'PT1H',
    future: 'reject',
  },
  limits: { maxRowBytes: 1_000 },
};

/** For tests: a batch, and how many rows of it must fail for which reason. */
export interface PoisonBatch {
  readonly command: PushCommand;
  /** That of an earlier batch, sent again. */
  readonly isRepeat: boolean;
  readonly received: number;
  readonly failures: Readonly<Record<LetterReason, number>>;
}

const START_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const LONG_TEXT = 'x'.repeat(1_000);

const NONE: Record<LetterReason, number> = {
  malformed: 0,
  timestamp: 0,
  type: 0,
  oversized: 0,
  late: 0,
  future: 0,
  transform: 0,
};

/** Rows of each kind of poison among a hundred, and how each is written. */
const POISONS: readonly [LetterReason, (timeMs: number) => string][] = [
  ['malformed', (timeMs) => `{"ts":${timeMs},"page":`],
  ['late', (timeMs) => `{"ts":${timeMs - DAY_MS},"page":"late"}`],
  ['future', (timeMs) => `{"ts":${timeMs + DAY_MS},"page":"future"}`],
  ['oversized', (timeMs) => `{"ts":${timeMs},"page":"${LONG_TEXT}"}`],
  ['type', (timeMs) => `{"ts":${timeMs},"page":"type","n":"many"}`],
];

/**
 * For tests: about `rowCount` rows of four producers in batches of `batchRows`, a hundredth each of malformed,
 * late, of the future, oversized and of the wrong type, and a hundredth of the batches sent twice. All
 * of it follows from the seed.
 */
export function* poisonBatches(
  rowCount: number,
  batchRows: number,
  seed: number,
): Generator<PoisonBatch> {
  const random = new SeededRandom(seed);
  const sent: PoisonBatch[] = [];
  // The first batch of each producer makes the watermark: nothing is late before it.
  for (let at = 0, batch = 0; at < rowCount; at += batchRows, batch++) {
    const again =
      random.nextUint32() % 100 === 0 ? sent.at(-(1 + (random.nextUint32() % 50))) : undefined;
    if (again !== undefined) {
      yield { ...again, isRepeat: true };
      continue;
    }
    const arrivalMs = START_MS + batch * 100;
    const failures = { ...NONE };
    const lines: string[] = [];
    for (let row = 0; row < Math.min(batchRows, rowCount - at); row++) {
      const poison = batch < 4 ? undefined : POISONS[random.nextUint32() % 100];
      if (poison !== undefined) failures[poison[0]]++;
      const timeMs = arrivalMs - (random.nextUint32() % 1_000);
      lines.push(poison?.[1](timeMs) ?? `{"ts":${timeMs},"page":"p${row % 50}","n":${row}}`);
    }
    const body = utf8Encode(lines.join('\n'));
    const command = pushOf(body, { arrivalMs, producer: `p${batch % 4}`, sequence: batch });
    const made = { command, isRepeat: false, received: lines.length, failures };
    sent.push(made);
    if (sent.length > 100) sent.shift();
    yield made;
  }
}

/** For tests: what the counters must say after these batches. */
export function expectedCounts(batches: Iterable<PoisonBatch>): RowCounts {
  const counts = { received: 0, stored: 0, late: 0, rejected: 0, deduplicated: 0 };
  for (const { isRepeat, received, failures } of batches) {
    counts.received += received;
    if (isRepeat) {
      counts.deduplicated += received;
      continue;
    }
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    counts.late += failures.late;
    counts.rejected += failed - failures.late;
    counts.stored += received - failed;
  }
  return counts;
}
