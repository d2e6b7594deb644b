import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import type { EngineStats, PushAnswer, PushRequest, ReplayRequest } from '../../ingest/index.js';
import { cutFrames, joinFrames } from '../transport/cut-frames.js';
import { readAs } from '../transport/read-as.js';
import type { Incoming, Outgoing } from '../transport/types.js';

const format = z.enum(['ndjson', 'json', 'csv', 'arrow']);

const PUSH = z.object({
  table: z.string(),
  format,
  columns: z.array(z.string()).nullable(),
  ack: z.enum(['disk', 'memory']),
  producer: z.string().nullable(),
  sequence: z.number().nullable(),
  key: z.string().nullable(),
});

const REPLAY = z.object({
  table: z.string(),
  acceptLate: z.boolean(),
  letters: z.array(
    z.object({
      letter: z.int(),
      format,
      truncated: z.boolean(),
      raw: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    }),
  ),
});

const DECLARE = z.object({
  table: z.string(),
  spec: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
});

const TABLE = z.object({ table: z.string() });

const ANSWER = z.object({
  table: z.string(),
  duplicate: z.boolean(),
  durable: z.boolean(),
  token: z.string(),
  received: z.int(),
  stored: z.int(),
  late: z.int(),
  rejected: z.int(),
  deduplicated: z.int(),
  errors: z.array(z.object({ row: z.int(), reason: z.string(), message: z.string() })),
});

const TABLE_STATS = z.object({
  table: z.string(),
  received: z.number(),
  stored: z.number(),
  late: z.number(),
  rejected: z.number(),
  deduplicated: z.number(),
  letters: z.number(),
  bufferedRows: z.number(),
  bufferedBytes: z.number(),
  rowsPerSecond: z.number(),
  watermarkMs: z.number().nullable(),
  freshnessMs: z.number().nullable(),
  publishedPosition: z.number(),
});

const STATS = z.object({
  tables: z.array(TABLE_STATS),
  position: z.number(),
  waitingPushes: z.number(),
  waitingBytes: z.number(),
  lagMs: z.number(),
  logBytes: z.number(),
  memoryBytes: z.number(),
  blocked: z.string().nullable(),
});

/** A push: what is said of it, then its body in pieces. */
export function pushMessage({ body, columns = null, ...rest }: PushRequest): Outgoing {
  const { table, format: form, ack, producer, sequence, key } = rest;
  const message = { table, format: form, columns, ack, producer, sequence, key };
  return { message, frames: cutFrames([body]) };
}

/** Reads it. Throws CorruptBytesError for anything else. */
export async function readPush({ message, frames }: Incoming): Promise<PushRequest> {
  const head = readAs(PUSH, message, 'a push');
  return { ...head, body: await joinFrames(frames) };
}

export const readReplay = ({ message }: Incoming): ReplayRequest =>
  readAs(REPLAY, message, 'a replay');

export const readDeclare = ({ message }: Incoming) => readAs(DECLARE, message, 'a declaration');

export const readTable = ({ message }: Incoming): string => readAs(TABLE, message, 'a table').table;

export const readPushAnswer = (message: unknown): PushAnswer =>
  readAs(ANSWER, message, 'the answer to a push') as PushAnswer;

export const readVersion = (message: unknown): number =>
  readAs(z.object({ version: z.int() }), message, 'the answer to a declaration').version;

export const readStats = (message: unknown): EngineStats =>
  readAs(STATS, message, 'how pushes are doing');
