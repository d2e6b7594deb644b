import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { UnavailableError } from '../../core/index.js';

export interface MultipartOptions {
  readonly client: S3Client;
  readonly place: { readonly Bucket: string; readonly Key: string };
  /** Sends a request, again where that may help. */
  readonly send: <T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** Parts under way at the same time, besides the one that is being filled. */
const PARALLEL = 3;

/** An object on its way in parts. Nobody sees it until it is complete. */
export class MultipartUpload {
  readonly #parts: CompletedPart[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #uploadId = '';
  #failure: unknown = null;

  constructor(private readonly options: MultipartOptions) {
    this.#signal = AbortSignal.any([options.signal, this.#ending.signal]);
  }

  async begin(metadata: { readonly Metadata?: Record<string, string> }): Promise<void> {
    const { client, place, send } = this.options;
    const create = { ...place, ...metadata };
    const { UploadId } = await send(this.#signal, (abortSignal) =>
      client.send(new CreateMultipartUploadCommand(create), { abortSignal }),
    );
    if (UploadId === undefined)
      throw new UnavailableError('deep storage gives no id for an upload');
    this.#uploadId = UploadId;
  }

  /** Waits while enough are under way. Throws where one of them failed. An empty part is none. */
  async add(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const number = this.#parts.length + 1;
    this.#parts.push({});
    const running = this.#send(number, bytes)
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    while (this.#running.size >= PARALLEL) await Promise.race(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  async complete(ifNoneMatch: { readonly IfNoneMatch?: '*' }): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
    const { client, send } = this.options;
    const complete = { ...this.#upload, ...ifNoneMatch, MultipartUpload: { Parts: this.#parts } };
    await send(this.#signal, (abortSignal) =>
      client.send(new CompleteMultipartUploadCommand(complete), { abortSignal }),
    );
  }

  /** Gives up: the server may forget the parts. Where it cannot be told, its own clean-up of uploads has to. */
  async abort(): Promise<void> {
    this.#ending.abort(new UnavailableError('the upload was given up'));
    await Promise.all(this.#running);
    const { client, send } = this.options;
    // It must be told although the signal may be raised.
    await send(new AbortController().signal, (abortSignal) =>
      client.send(new AbortMultipartUploadCommand(this.#upload), { abortSignal }),
    ).catch(() => undefined);
  }

  get #upload() {
    return { ...this.options.place, UploadId: this.#uploadId };
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    const { client, send } = this.options;
    const ContentMD5 = createHash('md5').update(bytes).digest('base64');
    const part = { ...this.#upload, PartNumber: number, ContentMD5, Body: bytes };
    const { ETag } = await send(this.#signal, (abortSignal) =>
      client.send(new UploadPartCommand(part), { abortSignal }),
    );
    this.#parts[number - 1] = { PartNumber: number, ...(ETag !== undefined && { ETag }) };
  }
}
