import { ConflictError, Sha256 } from '../../core/index.js';
import {
  CorruptObjectError,
  type ObjectBody,
  type ObjectStore,
  type PutObject,
} from './object-store.js';

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Bytes on their way, counted and hashed: those that are more than were told are not passed on, and at the end all that
 * was told of them must be so. Throws CorruptObjectError.
 */
export class CheckedBytes {
  readonly #hash = new Sha256();
  #sizeBytes = 0;
  #sha256: string | null = null;

  constructor(
    private readonly key: string,
    private readonly told: Omit<ObjectBody, 'chunks'>,
  ) {}

  async *of(chunks: Chunks, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { key, told } = this;
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      if (chunk.length === 0) continue;
      this.#sizeBytes += chunk.length;
      if (told.sizeBytes !== undefined && this.#sizeBytes > told.sizeBytes) {
        throw new CorruptObjectError(key, `it has more than the ${told.sizeBytes} bytes it should`);
      }
      this.#hash.add(chunk);
      yield chunk;
    }
    this.#check();
  }

  /** Of all bytes, after the last one. */
  get result(): PutObject {
    this.#sha256 ??= this.#hash.hex();
    return { sizeBytes: this.#sizeBytes, sha256: this.#sha256 };
  }

  #check(): void {
    const { key, told, result } = this;
    if (told.sizeBytes !== undefined && told.sizeBytes !== result.sizeBytes) {
      throw new CorruptObjectError(key, `it has ${result.sizeBytes} bytes, want ${told.sizeBytes}`);
    }
    if (told.sha256 !== undefined && told.sha256 !== result.sha256) {
      throw new CorruptObjectError(key, `its SHA-256 is ${result.sha256}, want ${told.sha256}`);
    }
  }
}

/** Reads bytes to their end, for what they are. */
async function digest(key: string, chunks: Chunks, signal: AbortSignal): Promise<PutObject> {
  const checked = new CheckedBytes(key, {});
  for await (const _ of checked.of(chunks, signal));
  return checked.result;
}

/** Reads an object back: it must be there, whole, with these bytes. Throws as `ObjectStore.get`, or CorruptObjectError. */
export async function verifyObject(
  store: ObjectStore,
  key: string,
  told: PutObject,
  signal: AbortSignal,
): Promise<void> {
  const { chunks } = await store.get(key, { signal });
  for await (const _ of new CheckedBytes(key, told).of(chunks, signal));
}

/** For a key that is taken: nothing is wrong where it has the very bytes. Throws ConflictError. */
export async function checkSame(
  store: ObjectStore,
  key: string,
  wanted: PutObject,
  signal: AbortSignal,
): Promise<void> {
  const facts = await store.head(key, signal);
  const isSame = async (): Promise<boolean> => {
    if (facts.sizeBytes !== wanted.sizeBytes) return false;
    if (facts.sha256 !== null) return facts.sha256 === wanted.sha256;
    const { chunks } = await store.get(key, { signal });
    return (await digest(key, chunks, signal)).sha256 === wanted.sha256;
  };
  if (await isSame()) return;
  throw new ConflictError(
    `other bytes are stored under ${key} in ${store.description}; objects are written once, so store it under another key`,
    { key },
  );
}
