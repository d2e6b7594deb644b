import { z } from 'zod';
import { UserError } from '../../core/index.js';
import type { PushAnswer } from '../../ingest/index.js';
import { problemsText } from '../problems.js';

const text = z.string().min(1).max(255);
const count = z.int().min(1);

const Options = z
  .strictObject({
    name: text.optional(),
    firstSequence: z.int().min(0).optional(),
    maxBatchRows: count.default(1_000),
    maxBatchBytes: count.default(2 ** 20),
    maxBufferedBytes: count.default(16 * 2 ** 20),
    lingerMs: z.int().min(0).default(20),
    maxInFlight: count.max(100).default(1),
    ack: z.enum(['disk', 'memory']).default('disk'),
    giveUpAfterMs: z.int().min(0).default(300_000),
    onAnswer: z
      .custom<(answer: PushAnswer) => void>((value) => typeof value === 'function')
      .optional(),
  })
  .refine(({ name, firstSequence }) => name === undefined || firstSequence !== undefined, {
    path: ['firstSequence'],
    error:
      'a producer with a name of its own needs it, above every sequence that the name has used',
  });

export type ProducerSettings = z.output<typeof Options>;

export interface ProducerOptions {
  /** Who sends: never two at a time under one name. By default a name that nobody has. */
  readonly name?: string;
  /** Of the first batch; 0 by default. With a name: above every sequence that the name has used. */
  readonly firstSequence?: number;
  /** A batch is sent when it has so many rows (1,000) or bytes (1 MiB), or after `lingerMs` (20). */
  readonly maxBatchRows?: number;
  readonly maxBatchBytes?: number;
  readonly lingerMs?: number;
  /** Bytes of rows that are held (16 MiB); `send` waits for room. */
  readonly maxBufferedBytes?: number;
  /**
   * Batches under way at a time; with 1, the default, rows are stored in the order of `send`. Not more than the
   * table's `dedup.sequences`.
   */
  readonly maxInFlight?: number;
  /** 'memory' is answered sooner, and may be lost in a crash. */
  readonly ack?: 'disk' | 'memory';
  /** How long one batch is tried while the store is full, down or out of reach (5 minutes). */
  readonly giveUpAfterMs?: number;
  /** Told of every batch that was taken, with the rows that were not stored. */
  readonly onAnswer?: (answer: PushAnswer) => void;
}

/** Throws one UserError that names every bad option. */
export function checkedOptions(options: ProducerOptions): ProducerSettings {
  const parsed = Options.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new UserError(`producer: ${problemsText(parsed.error)}`);
}
