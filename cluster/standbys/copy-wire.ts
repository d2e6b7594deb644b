import { z } from 'zod';
import { CorruptBytesError } from '../../core/index.js';
import type { CopySession, CopyStart, LogGroup } from '../../ingest/index.js';
import { NODE_NAME } from '../membership/node-record.js';
import { cutFrames, joinFrames } from '../transport/cut-frames.js';
import { readAs } from '../transport/read-as.js';
import type { Incoming, Outgoing } from '../transport/types.js';

const count = z.int().min(0);
const SESSION = z.object({ log: z.string().regex(NODE_NAME), session: z.string() });
const START = SESSION.extend({ logId: z.string(), position: count });
const GROUP = SESSION.extend({
  position: count,
  /** Of the checkpoint, and of the commands: they follow one behind the other. */
  checkpointBytes: count.nullable(),
  sizes: z.array(count),
});
const TRIM = SESSION.extend({ before: count });

/** The beginning of a copy: what is said of it, then its checkpoint in pieces. */
export const startMessage = (
  copy: CopySession,
  { logId, position, checkpoint }: CopyStart,
): Outgoing => ({ message: { ...copy, logId, position }, frames: cutFrames([checkpoint]) });

export async function readStart({
  message,
  frames,
}: Incoming): Promise<{ copy: CopySession; start: CopyStart }> {
  const { log, session, ...start } = readAs(START, message, 'the beginning of a copy');
  return { copy: { log, session }, start: { ...start, checkpoint: await joinFrames(frames) } };
}

/** A group: what is said of it, then its checkpoint and its commands in pieces. */
export function groupMessage(copy: CopySession, group: LogGroup): Outgoing {
  const { position, checkpoint, payloads } = group;
  const sizes = payloads.map(({ length }) => length);
  const message = { ...copy, position, checkpointBytes: checkpoint?.length ?? null, sizes };
  return {
    message,
    frames: cutFrames(checkpoint === null ? payloads : [checkpoint, ...payloads]),
  };
}

/** Reads it. Throws CorruptBytesError for anything else. */
export async function readGroup({
  message,
  frames,
}: Incoming): Promise<{ copy: CopySession; group: LogGroup }> {
  const head = readAs(GROUP, message, 'a group of a copy');
  const { log, session, position, checkpointBytes, sizes } = head;
  const blobs = cut(await joinFrames(frames), [checkpointBytes ?? 0, ...sizes]);
  const [checkpoint, ...payloads] = blobs;
  const group = { position, checkpoint: checkpointBytes === null ? null : checkpoint!, payloads };
  return { copy: { log, session }, group };
}

/** Views of the bytes, of these sizes. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  if (bytes.length !== sizes.reduce((sum, size) => sum + size, 0)) {
    throw new CorruptBytesError(bytes.length, 'the commands of a group have other sizes');
  }
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
}

export const trimMessage = (copy: CopySession, before: number): unknown => ({ ...copy, before });

export function readTrim(message: unknown): { copy: CopySession; before: number } {
  const { log, session, before } = readAs(TRIM, message, 'what a copy needs no more');
  return { copy: { log, session }, before };
}
