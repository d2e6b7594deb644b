import {
  ByteReader,
  CorruptBytesError,
  decodeError,
  encodeError,
  InternalError,
  isWireError,
  ResourceLimitError,
  type VarveError,
} from '../../core/index.js';
import { readMessage } from './message-reader.js';
import { MessageWriter } from './message-writer.js';
import type { Frames, Incoming, Outgoing } from './types.js';

/**
 * A body is a message, then any number of frames, then its end; an error may come in place of each. Each of them is
 *
 *     offset  size    field
 *     0       1       kind   1 message, 2 frame, 3 end, 4 error (a message with a WireError)
 *     1       4       size   u32, little-endian
 *     5       size    bytes
 *
 * so that a body that was cut off is told from one that is whole.
 */
const KIND = { message: 1, frame: 2, end: 3, error: 4 } as const;
const HEAD_BYTES = 5;

/** The largest message or frame. */
export const MAX_FRAME_BYTES = 64 << 20;

/** Smaller ones go out in one piece with their head. */
const COPIED_BYTES = 32 << 10;

const writer = new MessageWriter();

/** The bytes of a message; see `message-format.ts` for what it may hold. */
export const packMessage = (message: unknown): Uint8Array<ArrayBuffer> => writer.pack(message);

/** The message that the bytes hold, not a view of them. Throws CorruptBytesError. */
export const unpackMessage = (bytes: Uint8Array): unknown => readMessage(bytes);

/** The one piece of a body that is a message alone. */
export function wholeBody(message: unknown): Uint8Array {
  return Buffer.concat([...framed(KIND.message, packMessage(message)), ...END]);
}

/** The pieces of a body; one when there are no frames. What its frames throw becomes its error. */
export async function* bodyOf({ message, frames }: Outgoing): AsyncGenerator<Uint8Array> {
  if (frames === undefined) {
    yield wholeBody(message);
    return;
  }
  try {
    yield* framed(KIND.message, packMessage(message));
    for await (const frame of frames) yield* framed(KIND.frame, frame);
    yield* END;
  } catch (error) {
    yield* errorBody(error);
  }
}

/** A body, or the rest of one, that tells an error. */
export const errorBody = (error: unknown): Iterable<Uint8Array> =>
  framed(KIND.error, packMessage(encodeError(error)));

function* framed(kind: number, bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new InternalError(`a frame of ${bytes.length} bytes; at most ${MAX_FRAME_BYTES} can go`);
  }
  const isCopied = bytes.length <= COPIED_BYTES;
  const head = new Uint8Array(HEAD_BYTES + (isCopied ? bytes.length : 0));
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, bytes.length, true);
  if (isCopied) head.set(bytes, HEAD_BYTES);
  yield head;
  if (!isCopied) yield bytes;
}

const END: readonly Uint8Array[] = [...framed(KIND.end, new Uint8Array())];

/**
 * Reads a body: resolves with its message when that is there. Throws the error that came in place of anything, decoded;
 * CorruptBytesError for what is no body or breaks off; ResourceLimitError beyond `maxBytes` of all.
 */
export async function readBody(pieces: Frames, maxBytes: number): Promise<Incoming> {
  const parts = partsOf(pieces, maxBytes);
  const { value: first, done } = await parts.next();
  if (done === true) throw new CorruptBytesError(0, 'the body is empty');
  if (first.kind !== KIND.message) throw await failureOf(first, parts);
  try {
    return { message: readMessage(first.bytes), frames: framesOf(parts) };
  } catch (error) {
    await parts.return();
    throw error;
  }
}

interface Part {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

async function* framesOf(parts: AsyncGenerator<Part, void>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    // A connection is used again when its body was read to the end, so behind the end there is one more step.
    if (part.kind === KIND.end) continue;
    if (part.kind !== KIND.frame) throw await failureOf(part, parts);
    yield part.bytes;
  }
}

async function failureOf({ kind, bytes }: Part, rest: AsyncGenerator<Part>): Promise<VarveError> {
  if (kind !== KIND.error) {
    await rest.return(undefined);
    return new CorruptBytesError(0, `a part of kind ${kind} out of place`);
  }
  await rest.next();
  const error = readMessage(bytes);
  if (isWireError(error)) return decodeError(error);
  return new InternalError('the other node failed in a way that this one does not know');
}

/** Cuts pieces, which come as they please, into parts. Bytes are gathered as they come, whatever a head says. */
async function* partsOf(pieces: Frames, maxBytes: number): AsyncGenerator<Part, void> {
  let [total, held]: [number, Uint8Array[]] = [0, []];
  let heldBytes = 0;
  let wanted = HEAD_BYTES;
  let kind = 0;
  let isEnded = false;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > maxBytes) throw tooMuch(total, maxBytes);
    held.push(piece);
    heldBytes += piece.length;
    while (heldBytes >= wanted && !isEnded) {
      const all = held.length === 1 ? held[0]! : Buffer.concat(held, heldBytes);
      const bytes = all.subarray(0, wanted);
      held = [all.subarray(wanted)];
      heldBytes -= wanted;
      if (kind === 0) {
        [kind, wanted] = headOf(bytes);
        if (wanted > 0) continue;
      }
      isEnded = kind === KIND.end || kind === KIND.error;
      yield { kind, bytes: wanted === 0 ? bytes.subarray(0, 0) : bytes };
      [kind, wanted] = [0, HEAD_BYTES];
    }
    if (isEnded && heldBytes > 0) throw new CorruptBytesError(total, 'bytes behind the end');
  }
  if (!isEnded) throw new CorruptBytesError(total, 'the body breaks off');
}

function headOf(bytes: Uint8Array): [kind: number, size: number] {
  const reader = new ByteReader(bytes);
  const [kind, size] = [reader.u8(), reader.u32()];
  if (kind < KIND.message || kind > KIND.error) {
    throw new CorruptBytesError(0, `no part of a body is of kind ${kind}`);
  }
  if (size > MAX_FRAME_BYTES) throw tooMuch(size, MAX_FRAME_BYTES);
  return [kind, size];
}

const tooMuch = (amount: number, limit: number): ResourceLimitError =>
  new ResourceLimitError(
    `a message between nodes has ${amount} bytes or more, beyond the limit of ${limit}; ask for less at once`,
    limit,
    amount,
  );
