import { z } from 'zod';
import {
  CancelledError,
  CapacityError,
  CorruptBytesError,
  encodeError,
  type Logger,
  NotFoundError,
  ResourceLimitError,
  sha256Hex,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { unlessAborted } from './call-scope.js';
import { cutFrames } from './cut-frames.js';
import type { NodeClient } from './node-client.js';
import { type Incoming, NODE_ROLES, type NodeMethod } from './types.js';

const BLOBS = 'blobs';

const REQUEST = z.object({ hash: z.string().regex(/^[\da-f]{64}$/) });
const ANSWER = z.object({ sizeBytes: z.int().min(0) });

/** Any node may ask any other for bytes that it knows the SHA-256 of; `find` gives null for what is not here. */
export const blobsMethod = (find: (hash: string) => Uint8Array | null): NodeMethod => ({
  name: BLOBS,
  servedBy: NODE_ROLES,
  calledBy: NODE_ROLES,
  maxRequestBytes: 4096,
  handle: async ({ message }) => {
    const { success, data } = REQUEST.safeParse(message);
    if (!success) throw new UserError('hash must be a SHA-256 in hexadecimal', 'request', 'hash');
    const bytes = find(data.hash);
    if (bytes === null) throw new NotFoundError(`no bytes of hash ${data.hash} are here`);
    return { message: { sizeBytes: bytes.length }, frames: cutFrames([bytes]) };
  },
});

export interface BlobPullOptions {
  readonly client: NodeClient;
  readonly logger: Logger;
  /** For one node; then the next one is asked. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** Blobs that are fetched at once. */
  readonly maxPulls?: number;
}

interface Pull {
  readonly bytes: Promise<Uint8Array>;
  readonly end: AbortController;
  askers: number;
}

/** Fetches bytes by their SHA-256 from whichever node has them: verified, and once however many ask. Keeps nothing. */
export class BlobPull {
  readonly #pulls = new Map<string, Pull>();

  constructor(private readonly options: BlobPullOptions) {}

  /** Asks the nodes at `urls` one after another. Ends when the last one who asks is gone. What it gives is shared, and not to be changed. */
  async get(hash: string, urls: readonly string[], signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const pull = this.#pulls.get(hash) ?? this.#start(hash, urls);
    pull.askers++;
    try {
      return await unlessAborted(pull.bytes, signal);
    } finally {
      if (--pull.askers === 0) this.#end(hash, pull);
    }
  }

  #start(hash: string, urls: readonly string[]): Pull {
    const { maxPulls = 16 } = this.options;
    if (this.#pulls.size >= maxPulls) {
      throw new CapacityError(`${maxPulls} blobs are being fetched already`, 500);
    }
    const end = new AbortController();
    const bytes = this.#fetch(hash, urls, end.signal);
    const pull: Pull = { bytes, end, askers: 0 };
    this.#pulls.set(hash, pull);
    // Who comes after it failed tries anew.
    bytes.catch(() => {}).finally(() => this.#end(hash, pull));
    return pull;
  }

  #end(hash: string, pull: Pull): void {
    if (this.#pulls.get(hash) === pull) this.#pulls.delete(hash);
    pull.end.abort(new CancelledError(`nobody waits for blob ${hash}`));
  }

  async #fetch(hash: string, urls: readonly string[], signal: AbortSignal): Promise<Uint8Array> {
    const reasons: string[] = [];
    for (const url of urls) {
      try {
        return await this.#fetchFrom(url, hash, signal);
      } catch (error) {
        signal.throwIfAborted();
        const { message } = encodeError(error);
        this.options.logger.warn({ url, hash, reason: message }, 'a blob could not be fetched');
        reasons.push(message);
      }
    }
    throw new UnavailableError(
      `no node gives the bytes of hash ${hash}: ${reasons.join('; ') || 'there is none to ask'}`,
    );
  }

  async #fetchFrom(url: string, hash: string, signal: AbortSignal): Promise<Uint8Array> {
    const { client, deadlineMs, maxBytes } = this.options;
    // Heads of frames take a little, too.
    const maxAnswerBytes = maxBytes + (maxBytes >>> 10) + 4096;
    const options = { deadlineMs, signal, maxAnswerBytes };
    const answer = await client.call(url, BLOBS, { message: { hash } }, options);
    try {
      const bytes = await wholeOf(answer, maxBytes);
      if (sha256Hex(bytes) === hash) return bytes;
    } finally {
      answer.close();
    }
    throw new CorruptBytesError(0, `node ${url} gave other bytes than those of hash ${hash}`);
  }
}

/** Memory is taken as the bytes come, not as they are announced. */
async function wholeOf({ message, frames }: Incoming, maxBytes: number): Promise<Uint8Array> {
  const { success, data } = ANSWER.safeParse(message);
  if (!success) throw new CorruptBytesError(0, 'no size of the blob');
  const { sizeBytes } = data;
  if (sizeBytes > maxBytes) {
    const text = `a blob of ${sizeBytes} bytes, beyond the limit of ${maxBytes}`;
    throw new ResourceLimitError(text, maxBytes, sizeBytes);
  }
  const held: Uint8Array[] = [];
  for await (const frame of frames) held.push(frame);
  return new Uint8Array(Buffer.concat(held));
}
