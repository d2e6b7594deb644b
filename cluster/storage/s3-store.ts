import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { NotFoundError, type Random, type Timers } from '../../core/index.js';
import { CheckedBytes, checkSame } from './checked-bytes.js';
import {
  type ByteRange,
  checkKey,
  type GetOptions,
  type ListOptions,
  type ObjectBody,
  type ObjectBytes,
  type ObjectFacts,
  type ObjectPage,
  type ObjectStore,
  ObjectStoreUnavailableError,
  PAGE_OBJECTS,
  type PutObject,
  type UnfinishedUpload,
} from './object-store.js';
import { checkRange } from './range.js';
import { Retrier, type RetryPolicy } from './retry.js';
import { nameOf, s3Error, statusOf } from './s3-errors.js';
import { MultipartUpload } from './s3-upload.js';

export interface S3StoreOptions {
  /** Without retries of its own. */
  readonly client: S3Client;
  readonly bucket: string;
  /** Before all keys: empty, or ending in `/`. */
  readonly prefix: string;
  /** Larger objects are sent in parts of this size. */
  readonly partBytes: number;
  readonly retry: RetryPolicy;
  readonly timers: Timers;
  readonly random: Random;
}

/** The name of an object's metadata, as clients show it: `x-amz-meta-sha256`. */
const SHA256 = 'sha256';

/**
 * Deep storage in a bucket of S3, or of what speaks as it does. What is sent is checked there by its MD5; an object is looked for before
 * it is written, and written only if it is not there (`If-None-Match`) by servers that know how.
 */
export class S3Store implements ObjectStore {
  readonly description: string;
  readonly #retrier: Retrier;
  #knowsConditions = true;

  constructor(private readonly options: S3StoreOptions) {
    const { bucket, prefix, timers, random, retry } = options;
    this.description = `S3 bucket ${bucket}${prefix === '' ? '' : `, prefix ${prefix}`}`;
    this.#retrier = new Retrier(timers, random, retry);
  }

  async put(key: string, body: ObjectBody, signal: AbortSignal): Promise<PutObject> {
    const place = this.#placeOf(key);
    const bytes = new CheckedBytes(key, body);
    const parts = partsOf(bytes.of(body.chunks, signal), this.options.partBytes);
    try {
      const { value: first } = await parts.next();
      // A part that is not full is the last one.
      if (first.length < this.options.partBytes) {
        const { sha256 } = bytes.result;
        await this.#write(key, bytes, signal, (ifNoneMatch) =>
          this.#send(signal, (abortSignal) => {
            const checks = { ContentMD5: md5(first), Metadata: { [SHA256]: sha256 } };
            const put = { ...place, ...checks, ...ifNoneMatch, Body: first };
            return this.options.client.send(new PutObjectCommand(put), { abortSignal });
          }),
        );
      } else await this.#putParts(key, body, bytes, first, parts, signal);
      return bytes.result;
    } finally {
      await parts.return(new Uint8Array(0));
    }
  }

  async get(key: string, { signal, range }: GetOptions): Promise<ObjectBytes> {
    checkKey(key);
    if (range === undefined) {
      const { body, length } = await this.#open(key, null, signal);
      return { sizeBytes: length, chunks: this.#chunks(key, { offset: 0, length }, body, signal) };
    }
    const { sizeBytes } = await this.head(key, signal);
    checkRange(key, sizeBytes, range);
    if (range.length === 0) return { sizeBytes, chunks: nothing() };
    const { body } = await this.#open(key, range, signal);
    return { sizeBytes, chunks: this.#chunks(key, range, body, signal) };
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectFacts> {
    const place = this.#placeOf(key);
    const found = await this.#send(signal, (abortSignal) =>
      this.options.client.send(new HeadObjectCommand(place), { abortSignal }),
    ).catch((error) => this.#throwIfMissing(key, error));
    const sha256 = found.Metadata?.[SHA256] ?? null;
    return { key, sizeBytes: found.ContentLength ?? 0, sha256 };
  }

  async list(
    prefix: string,
    { signal, after, limit = PAGE_OBJECTS }: ListOptions,
  ): Promise<ObjectPage> {
    const { bucket: Bucket, prefix: root, client } = this.options;
    const start = after === undefined ? {} : { StartAfter: root + after };
    const wanted = { Bucket, Prefix: root + prefix, MaxKeys: limit, ...start };
    const { Contents = [], IsTruncated = false } = await this.#send(signal, (abortSignal) =>
      client.send(new ListObjectsV2Command(wanted), { abortSignal }),
    );
    const objects = Contents.map(({ Key = '', Size = 0 }) => {
      return { key: Key.slice(root.length), sizeBytes: Size };
    });
    return { objects, next: IsTruncated ? (objects.at(-1)?.key ?? null) : null };
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const place = this.#placeOf(key);
    await this.#send(signal, (abortSignal) =>
      this.options.client.send(new DeleteObjectCommand(place), { abortSignal }),
    ).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }

  async *unfinished(prefix: string, signal: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    const { bucket: Bucket, prefix: root, client } = this.options;
    let behind: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
    while (behind !== null) {
      const wanted: ListMultipartUploadsCommandInput = { Bucket, Prefix: root + prefix, ...behind };
      const page = await this.#send(signal, (abortSignal) =>
        client.send(new ListMultipartUploadsCommand(wanted), { abortSignal }),
      );
      for (const { Key = '', UploadId = '' } of page.Uploads ?? []) {
        yield { key: Key.slice(root.length), id: UploadId };
      }
      const { IsTruncated = false, NextKeyMarker = '', NextUploadIdMarker = '' } = page;
      behind = IsTruncated
        ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
        : null;
    }
  }

  async abandon({ key, id }: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    const upload = { ...this.#placeOf(key), UploadId: id };
    await this.#send(signal, (abortSignal) =>
      this.options.client.send(new AbortMultipartUploadCommand(upload), { abortSignal }),
    ).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }

  close(): void {
    this.options.client.destroy();
  }

  async #putParts(
    key: string,
    body: ObjectBody,
    bytes: CheckedBytes,
    first: Uint8Array,
    rest: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const { client } = this.options;
    const place = this.#placeOf(key);
    const metadata = body.sha256 === undefined ? {} : { Metadata: { [SHA256]: body.sha256 } };
    const send = this.#send.bind(this);
    const upload = new MultipartUpload({ client, place, send, signal });
    await upload.begin(metadata);
    try {
      await upload.add(first);
      for await (const part of rest) await upload.add(part);
      await this.#write(key, bytes, signal, (ifNoneMatch) => upload.complete(ifNoneMatch));
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  /** Makes the object appear unless there is one: then it must have the same bytes. */
  async #write(
    key: string,
    bytes: CheckedBytes,
    signal: AbortSignal,
    write: (ifNoneMatch: { readonly IfNoneMatch?: '*' }) => Promise<unknown>,
  ): Promise<void> {
    try {
      await checkSame(this, key, bytes.result, signal);
      // It is there already, and a second writer of it is not an error.
      return;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    try {
      await write(this.#knowsConditions ? { IfNoneMatch: '*' } : {});
    } catch (error) {
      if (statusOf(error) === 501 && this.#knowsConditions) {
        this.#knowsConditions = false;
        await write({});
      } else if (statusOf(error) === 412 || nameOf(error) === 'NoSuchUpload') {
        // Somebody was faster, or an earlier attempt went well and its answer was lost.
        await checkSame(this, key, bytes.result, signal);
      } else throw error;
    }
  }

  async #open(
    key: string,
    range: ByteRange | null,
    signal: AbortSignal,
  ): Promise<{ body: Readable; length: number }> {
    const place = this.#placeOf(key);
    const last = range === null ? 0 : range.offset + range.length - 1;
    const wanted = range === null ? place : { ...place, Range: `bytes=${range.offset}-${last}` };
    const found = await this.#send(signal, (abortSignal) =>
      this.options.client.send(new GetObjectCommand(wanted), { abortSignal }),
    ).catch((error) => this.#throwIfMissing(key, error));
    const { Body, ContentLength: length = 0 } = found;
    if (Body === undefined) throw this.#cut();
    return { body: Body as Readable, length };
  }

  /** Where the connection breaks it goes on from there. */
  async *#chunks(
    key: string,
    { offset, length }: ByteRange,
    first: Readable,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const end = offset + length;
    let at = offset;
    let failures = 0;
    let body = first;
    for (;;) {
      try {
        for await (const chunk of this.#watched(body, signal)) {
          at += chunk.length;
          failures = 0;
          yield chunk;
        }
        if (at === end) return;
        throw this.#cut();
      } catch (error) {
        failures++;
        await this.#retrier.afterFailure(this.#errorOf(error), failures, signal);
      }
      ({ body } = await this.#open(key, { offset: at, length: end - at }, signal));
    }
  }

  /** The bytes of an answer, none of which may take longer than an attempt. */
  async *#watched(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const onAbort = () => body.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    let cancel = (): void => {};
    const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    try {
      for (;;) {
        signal.throwIfAborted();
        cancel = this.#retrier.watch((error) => body.destroy(error));
        const { done, value } = await chunks.next();
        cancel();
        if (done) return;
        yield value;
      }
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
      body.destroy();
    }
  }

  /** Sends a request, again where that may help. What the SDK threw of the last one is the cause of what is thrown. */
  #send<T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#retrier.run(signal, async (each) => {
      try {
        return await send(each);
      } catch (error) {
        throw this.#errorOf(error);
      }
    });
  }

  #throwIfMissing(key: string, error: unknown): never {
    if (!isMissing(error)) throw error;
    throw new NotFoundError(`there is no object ${key} in ${this.description}`, { key });
  }

  #errorOf(error: unknown): unknown {
    // A signal's reason, or a bug of ours.
    if (error instanceof Error && !('$metadata' in error) && !isOfConnection(error)) return error;
    return s3Error(this.description, error);
  }

  #cut(): ObjectStoreUnavailableError {
    return new ObjectStoreUnavailableError(`${this.description}: an answer ends too early`, true);
  }

  #placeOf(key: string): { Bucket: string; Key: string } {
    checkKey(key);
    return { Bucket: this.options.bucket, Key: this.options.prefix + key };
  }
}

/** The SDK tells a missing bucket apart, but where there is no body. */
const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket';

const isOfConnection = (error: Error): boolean =>
  'code' in error || error.name === 'TimeoutError' || error.name === 'CredentialsProviderError';

async function* nothing(): AsyncGenerator<Uint8Array> {}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

/** Pieces of one size, the last of which is shorter; each in memory of its own. */
async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array, Uint8Array, void> {
  let part = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (filled === part.length) {
        // Small objects are many: their memory grows with them.
        const grown = new Uint8Array(Math.min(partBytes, Math.max(2 * filled, 1 << 16)));
        grown.set(part);
        part = grown;
      }
      const count = Math.min(chunk.length - at, part.length - filled);
      part.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < partBytes) continue;
      yield part;
      part = new Uint8Array(0);
      filled = 0;
    }
  }
  yield part.subarray(0, filled);
  return part;
}
