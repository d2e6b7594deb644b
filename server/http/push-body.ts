import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../core/index.js';
import type { InFlightShare } from '../in-flight.js';
import { RequestRefused, tooLarge } from './errors.js';

export interface PushBodyLimits {
  /** As it is sent. */
  readonly maxPackedBytes: number;
  /** As it is stored: the same for a body that is not packed. */
  readonly maxBytes: number;
  /** How long a client may send nothing before it is given up. */
  readonly stallMs: number;
}

/** Packed rows are seldom a tenth of their size; a text that repeats itself beyond this is an attack on memory. */
const MAX_RATIO = 100;
const RATIO_COUNTS_FROM_BYTES = 2 ** 20;

/**
 * Reads the body of a push, unpacked where it is packed. Its bytes are held by `share` as they come, so that a client
 * that sends slowly holds no more than it has sent; what is declared must fit before anything is read.
 * Throws UserError (a 400, 408, 413 or 415) and CapacityError.
 */
export async function readPushBody(
  request: Request,
  limits: PushBodyLimits,
  share: InFlightShare,
): Promise<Uint8Array> {
  const isPacked = isGzip(request.headers.get('content-encoding'));
  const { body } = request;
  if (body === null) return new Uint8Array(0);
  const sent = { bytes: 0 };
  const chunks = arriving(body, limits, sent);
  const collected = new Collected(
    isPacked ? 'push.maxBodyBytes' : 'http.maxBodyBytes',
    limits,
    share,
  );
  if (!isPacked) {
    for await (const chunk of chunks) collected.add(chunk);
    return collected.bytes();
  }
  try {
    for await (const chunk of unpacked(chunks)) {
      collected.add(chunk);
      checkRatio(collected.sizeBytes, sent.bytes);
    }
  } catch (error) {
    throw isZlibError(error) ? badGzip(error) : error;
  }
  return collected.bytes();
}

function unpacked(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  // What goes wrong on the way in ends the way out as well, where it is noticed.
  pipeline(Readable.from(chunks), gunzip).catch(() => undefined);
  return gunzip;
}

/** The size that the request declares; null when it declares none. */
export function declaredBytes(request: Request): number | null {
  const length = request.headers.get('content-length');
  return length === null ? null : Number(length);
}

function isGzip(encoding: string | null): boolean {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return false;
  if (name === 'gzip' || name === 'x-gzip') return true;
  throw new RequestRefused(
    415,
    `Content-Encoding: want gzip or none; got ${JSON.stringify(encoding)}`,
    'Content-Encoding',
  );
}

/** The chunks of a body, for as long as they come in time and are not too many. */
async function* arriving(
  body: ReadableStream<Uint8Array>,
  { maxPackedBytes, stallMs }: PushBodyLimits,
  sent: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await inTime(reader, stallMs);
      if (done) return;
      sent.bytes += value.length;
      if (sent.bytes > maxPackedBytes) throw tooLarge(maxPackedBytes, 'http.maxBodyBytes');
      yield value;
    }
  } finally {
    // Ends the request when it was not read to its end; what comes of that concerns nobody any more.
    reader.cancel().catch(() => undefined);
  }
}

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

async function inTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stallMs: number,
): Promise<Read> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    const refuse = () =>
      reject(
        new RequestRefused(
          408,
          `no part of the body came for ${stallMs} ms; send it again, without pauses`,
        ),
      );
    timer = setTimeout(refuse, stallMs);
  });
  try {
    return await Promise.race([reader.read(), stalled]);
  } finally {
    clearTimeout(timer);
  }
}

/** The body as far as it has come. */
class Collected {
  readonly #chunks: Uint8Array[] = [];
  sizeBytes = 0;

  constructor(
    private readonly setting: string,
    private readonly limits: PushBodyLimits,
    private readonly share: InFlightShare,
  ) {}

  add(chunk: Uint8Array): void {
    const { maxBytes } = this.limits;
    if (this.sizeBytes + chunk.length > maxBytes) throw tooLarge(maxBytes, this.setting);
    this.share.take(chunk.length);
    this.sizeBytes += chunk.length;
    this.#chunks.push(chunk);
  }

  /** In memory of their own, so that it can move to another thread. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.sizeBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

function checkRatio(bytes: number, packedBytes: number): void {
  if (bytes <= RATIO_COUNTS_FROM_BYTES || bytes <= MAX_RATIO * packedBytes) return;
  throw new UserError(
    `the gzip body unpacks to more than ${MAX_RATIO} times its size; send it without Content-Encoding`,
  );
}

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && /^Z_/.test(String((error as NodeJS.ErrnoException).code));

const badGzip = ({ message }: Error): UserError =>
  new UserError(
    `the body is not valid gzip (${message}); send it again, or without Content-Encoding`,
  );
