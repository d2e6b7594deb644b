import { z } from 'zod';
import { CorruptBytesError, type JsonObject } from '../../core/index.js';
import { LookupTable } from '../../model/index.js';
import {
  type HeldAnswer,
  halvesOf,
  type PartialResult,
  type ShareAnswer,
  type ShareIntake,
  type ShareItem,
  type ShareQuery,
  slicesOf,
} from '../../query/index.js';
import { packMessage, unpackMessage } from '../transport/frames.js';
import { readAs } from '../transport/read-as.js';
import type { Incoming, Outgoing } from '../transport/types.js';
import { PART_REF, type PartRef } from './part-ref.js';

/** The names of the methods by which brokers ask for shares of queries. */
export const SCAN_SHARE = 'scan-share';
export const ANALYSE_SHARE = 'analyse-share';

/**
 * A request is a message, and a frame for each lookup that goes along: its memory, which is known by its SHA-256. Those
 * that the other side lacks it names, and is asked again.
 */
interface ScanMessage {
  readonly share: Omit<ShareQuery, 'lookups'>;
  /** The ids of all lookups of the share. */
  readonly lookups: readonly string[];
  /** Of those in the frames, in their order. */
  readonly included: readonly string[];
  readonly parts: readonly PartRef[];
}

const json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);

const SCAN = z.object({
  share: z.object({
    query: json,
    types: z.array(z.tuple([z.string(), z.string()])),
    rights: z.array(
      z.union([
        z.object({ kind: z.literal('rows'), block: json, keeps: z.boolean() }),
        z.object({ kind: z.literal('lookup'), contentId: z.string() }),
      ]),
    ),
    limits: z.object({ maxGroups: z.number(), maxRows: z.number() }),
  }),
  lookups: z.array(z.string()),
  included: z.array(z.string()),
  parts: z.array(PART_REF),
});

const ANALYSE = z.object({ query: json, parts: z.array(PART_REF) });

/** The request for a share of a query, with those of its lookups that the other side lacks. */
export function scanRequest(
  { lookups, ...share }: ShareQuery,
  parts: readonly PartRef[],
  lacking: readonly string[],
): Outgoing {
  const sent = lookups.filter(({ contentId }) => lacking.includes(contentId));
  const message: ScanMessage = {
    share,
    parts,
    lookups: lookups.map(({ contentId }) => contentId),
    included: sent.map(({ contentId }) => contentId),
  };
  return { message, frames: sent.map(({ buffer }) => new Uint8Array(buffer).slice()) };
}

/** Reads it, with the lookups that came along. Throws CorruptBytesError for anything else. */
export async function readScanRequest({ message, frames }: Incoming) {
  const read = readAs(SCAN, message, 'a request for a share');
  const tables: LookupTable[] = [];
  for await (const frame of frames) tables.push(tableOf(frame, read.included[tables.length]));
  return { ...(read as unknown as ScanMessage), tables };
}

function tableOf(bytes: Uint8Array, wanted: string | undefined): LookupTable {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  const table = bytes.length < 8 ? null : new LookupTable(buffer);
  if (table?.contentId === wanted) return table!;
  throw new CorruptBytesError(0, 'a lookup is not the one that was announced');
}

export const readAnalyseRequest = ({ message }: Incoming) =>
  readAs(ANALYSE, message, 'a request for an analysis');

/**
 * An answer: which parts this node has not, and a frame for each item of what it found in the others, or some for a large one; or which lookups it
 * lacks, and nothing else.
 */
interface AnswerHead extends Omit<ShareAnswer, 'items'> {
  /** Numbers of parts. */
  readonly missing: readonly number[];
  readonly lacking: readonly string[];
}

const HEAD = z.object({
  missing: z.array(z.int()),
  lacking: z.array(z.string()),
  seen: z.array(z.instanceof(Uint8Array)),
  stats: json,
  summaries: json,
});

/** What one frame has of an answer, about, in memory. */
const SLICE_BYTES = 2 << 20;

/** A frame of more bytes is cut again, if it can be. */
const MAX_SLICE_BYTES = 4 * SLICE_BYTES;

/** The numbers that whoever asked knows parts by: of those that the answer is of, in its order, and of those that are not here. */
interface PartNumbers {
  readonly numbers: readonly number[];
  readonly missing: readonly number[];
}

/** The answer is released when its last frame is taken, or nobody wants one any more. */
export function shareAnswer(
  { items, release, ...rest }: HeldAnswer,
  { numbers, missing }: PartNumbers,
  signal: AbortSignal,
): Outgoing {
  const end = () => void release();
  signal.addEventListener('abort', end, { once: true });
  return {
    message: { ...rest, missing, lacking: [] } satisfies AnswerHead,
    frames: (async function* () {
      try {
        for await (const item of items) {
          const known = { ...item, part: numbers[item.part]! };
          for (const partial of slicesOf(item.partial, SLICE_BYTES)) yield* packed(known, partial);
        }
      } finally {
        signal.removeEventListener('abort', end);
        await release();
      }
    })(),
  };
}

function* packed(item: ShareItem, partial: PartialResult): Generator<Uint8Array> {
  const bytes = packMessage({ ...item, partial });
  const halves = bytes.length > MAX_SLICE_BYTES ? halvesOf(partial) : null;
  if (halves === null) yield bytes;
  else for (const half of halves) yield* packed(item, half);
}

export const lackingAnswer = (lacking: readonly string[]): Outgoing => ({
  message: { missing: [], lacking, seen: [], stats: {}, summaries: {} },
});

/** An answer with all its items, each of which is taken as it comes; where one does not come, those before it are dropped. */
export async function readShareAnswer(
  { message, frames }: Incoming,
  intake: Pick<ShareIntake, 'take' | 'drop'>,
) {
  const head = readAs(HEAD, message, 'the answer to a share') as unknown as AnswerHead;
  const items: ShareItem[] = [];
  try {
    for await (const frame of frames) {
      const item = unpackMessage(frame) as ShareItem;
      items.push({ ...item, partial: await intake.take(item.partial) });
    }
  } catch (error) {
    for (const { partial } of items) intake.drop(partial);
    throw error;
  }
  const { missing, lacking, ...rest } = head;
  return { answer: { ...rest, items } satisfies ShareAnswer, missing, lacking };
}
