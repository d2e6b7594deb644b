import { CorruptSegmentError, UnavailableError, UserError } from '../../core/index.js';

/**
 * Deep storage: bytes under keys, written once. What was stored is never changed, so that whoever knows a key
 * and the SHA-256 knows the bytes, wherever they come from.
 *
 * Errors of all calls  NotFoundError where nothing has that key; ObjectStoreUnavailableError where the store cannot be
 *                      reached, refuses, or fails, with a hint what to look at; ConflictError where other bytes are
 *                      stored under a key; CorruptObjectError where bytes are not those that they should be; the reason of
 *                      the signal when it is raised.
 *
 * Memory  a few pieces of what goes by, never an object.
 */
export interface ObjectStore {
  /** For messages: where it is, without secrets. */
  readonly description: string;
  /**
   * Stores bytes for ever. It may be repeated: the same bytes are taken as stored, others are a ConflictError.
   * Nothing has the key until all bytes are there. Whether something has it after a failure is not known.
   */
  put(key: string, body: ObjectBody, signal: AbortSignal): Promise<PutObject>;
  /** The bytes, or some of them. Not verified: the store does not know what they should be. */
  get(key: string, options: GetOptions): Promise<ObjectBytes>;
  head(key: string, signal: AbortSignal): Promise<ObjectFacts>;
  /** Objects whose keys begin with `prefix`, in the order of the keys, a page at a time. */
  list(prefix: string, options: ListOptions): Promise<ObjectPage>;
  /** Absent is fine. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Uploads of keys with a prefix that have begun and not ended, be it that their processes have. */
  unfinished(prefix: string, signal: AbortSignal): AsyncIterable<UnfinishedUpload>;
  /**
   * Removes what was sent of an upload; who still sends it fails. Absent is fine. Where bytes are just on their way to S3 it may
   * go on: it is unfinished then, as before, or comes to its end.
   */
  abandon(upload: UnfinishedUpload, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** What is to be stored. What is told of it is checked before it can be seen. */
export interface ObjectBody {
  /** Read once. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly sizeBytes?: number;
  /** Lower-case hexadecimal. */
  readonly sha256?: string;
}

export interface PutObject {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  /** Not beyond the end of the object. */
  readonly range?: ByteRange;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface ObjectBytes {
  /** Of the whole object. */
  readonly sizeBytes: number;
  /** Read once; as many as were asked for, or an error. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface ObjectFacts {
  readonly key: string;
  readonly sizeBytes: number;
  /** As it was told when it was stored; null where the store does not keep it. */
  readonly sha256: string | null;
}

/** An object on its way. */
export interface UnfinishedUpload {
  readonly key: string;
  /** Tells it from others of the same key. */
  readonly id: string;
}

export interface ListOptions {
  readonly signal: AbortSignal;
  /** `next` of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

export interface ObjectPage {
  readonly objects: readonly Pick<ObjectFacts, 'key' | 'sizeBytes'>[];
  /** Null behind the last page. */
  readonly next: string | null;
}

/** Of a listing, unless told. */
export const PAGE_OBJECTS = 1000;

/** The store cannot be reached, refuses, or fails. */
export class ObjectStoreUnavailableError extends UnavailableError {
  constructor(
    message: string,
    /** Whether the same call may go well when it is made again. */
    readonly isTransient: boolean,
    cause?: unknown,
  ) {
    super(message, {}, cause);
  }
}

/** Bytes under a key are not those that were stored. */
export class CorruptObjectError extends CorruptSegmentError {
  constructor(key: string, detail: string) {
    super(key, 0, detail);
    this.message = `object ${key} of deep storage is damaged: ${detail}`;
  }
}

const KEY_PART = /^(?!\.{1,2}$)[A-Za-z0-9!_.'()*=+,@-]{1,200}$/;

/** Keys that every store takes as they are: parts of plain characters with `/` between them. Throws UserError. */
export function checkKey(key: string): void {
  if (key.length <= 900 && key.split('/').every((part) => KEY_PART.test(part))) return;
  throw new UserError(
    `${JSON.stringify(key.slice(0, 100))} is not a key of deep storage: want parts of letters, digits and !_.'()*=+,@- with / between them`,
  );
}

/** All objects with a prefix, in order, page by page as they are asked for. */
export async function* listAll(
  store: ObjectStore,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ObjectPage['objects'][number]> {
  let after: string | null | undefined;
  while (after !== null) {
    const page: ObjectPage = await store.list(prefix, {
      signal,
      ...(after !== undefined && { after }),
    });
    yield* page.objects;
    after = page.next;
  }
}
