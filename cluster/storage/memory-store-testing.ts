import { NotFoundError } from '../../core/index.js';
import { CheckedBytes, checkSame } from './checked-bytes.js';
import {
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

export interface ObjectOperation {
  /** Counts from 0 over the life of the store. */
  readonly index: number;
  readonly kind: 'put' | 'get' | 'head' | 'list' | 'remove' | 'unfinished' | 'abandon';
  readonly key: string;
}

/**
 * What goes wrong with a call: `error` before anything happens; `lostReply` after it has happened; `hang` until the signal
 * is raised; `cut` lets only the first `bytes` through, in or out, and leaves an upload unfinished; `flip` changes the byte at `at`, in or out;
 * `stale` lists what was there `operations` calls ago.
 */
export type ObjectFault =
  | { readonly kind: 'error' | 'lostReply' | 'hang' }
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'flip'; readonly at: number }
  | { readonly kind: 'stale'; readonly operations: number };

export type ObjectFaultPlan = (operation: ObjectOperation) => ObjectFault | null;

interface Version {
  readonly from: number;
  /** Null: removed. */
  readonly bytes: Uint8Array | null;
}

/** For tests and simulations: deep storage in memory that misbehaves as it is told. */
export class MemoryStore implements ObjectStore {
  readonly description = 'memory';
  readonly #versions = new Map<string, Version[]>();
  readonly #uploads = new Map<string, UnfinishedUpload>();
  #operations = 0;
  #uploadCount = 0;
  #faults: ObjectFaultPlan | null;

  constructor(faults: ObjectFaultPlan | null = null) {
    this.#faults = faults;
  }

  setFaults(faults: ObjectFaultPlan | null): void {
    this.#faults = faults;
  }

  get keys(): string[] {
    return this.#keysAt(this.#operations);
  }

  /** What is stored, to be looked at and changed behind everybody's back. */
  bytesOf(key: string): Uint8Array | null {
    return this.#bytesAt(key, this.#operations);
  }

  overwrite(key: string, bytes: Uint8Array | null): void {
    const versions = this.#versions.get(key) ?? [];
    this.#versions.set(key, [...versions, { from: this.#operations, bytes }]);
  }

  async put(key: string, body: ObjectBody, signal: AbortSignal): Promise<PutObject> {
    checkKey(key);
    const fault = await this.#begin('put', key, signal);
    const bytes = new CheckedBytes(key, body);
    const id = String(this.#uploadCount++);
    this.#uploads.set(id, { key, id });
    const cutAt = fault?.kind === 'cut' ? fault.bytes : Number.POSITIVE_INFINITY;
    const whole = await received(bytes.of(body.chunks, signal), cutAt).catch((error) => {
      if (fault?.kind !== 'cut') this.#uploads.delete(id);
      throw error;
    });
    if (!this.#uploads.delete(id)) throw broken('the upload is not there any more');
    if (fault?.kind === 'flip' && fault.at < whole.length) whole[fault.at]! ^= 1;
    if (this.bytesOf(key) === null) this.overwrite(key, whole);
    else await checkSame(this, key, bytes.result, signal);
    end(fault);
    return bytes.result;
  }

  async get(key: string, { signal, range }: GetOptions): Promise<ObjectBytes> {
    checkKey(key);
    const fault = await this.#begin('get', key, signal);
    const bytes = this.#bytes(key);
    checkRange(key, bytes.length, range);
    const { offset, length } = range ?? { offset: 0, length: bytes.length };
    const part = bytes.slice(offset, offset + length);
    if (fault?.kind === 'flip' && fault.at < length) part[fault.at]! ^= 1;
    async function* chunks() {
      for (let at = 0; at < length; at += 7) {
        signal.throwIfAborted();
        if (fault?.kind === 'cut' && at >= fault.bytes) throw broken('the connection broke');
        yield part.subarray(at, at + 7);
      }
      end(fault);
    }
    return { sizeBytes: bytes.length, chunks: chunks() };
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectFacts> {
    checkKey(key);
    const fault = await this.#begin('head', key, signal);
    const { length } = this.#bytes(key);
    end(fault);
    return { key, sizeBytes: length, sha256: null };
  }

  async list(
    prefix: string,
    { signal, after = '', limit = PAGE_OBJECTS }: ListOptions,
  ): Promise<ObjectPage> {
    const fault = await this.#begin('list', prefix, signal);
    const at = this.#operations - (fault?.kind === 'stale' ? fault.operations : 0);
    const keys = this.#keysAt(at).filter((key) => key.startsWith(prefix) && key > after);
    end(fault);
    const page = keys.slice(0, limit);
    const objects = page.map((key) => ({ key, sizeBytes: this.#bytesAt(key, at)!.length }));
    return { objects, next: keys.length > limit ? page.at(-1)! : null };
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    checkKey(key);
    const fault = await this.#begin('remove', key, signal);
    if (this.bytesOf(key) !== null) this.overwrite(key, null);
    end(fault);
  }

  /** Also a `cut` one whose process has died. */
  async *unfinished(prefix: string, signal: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    end(await this.#begin('unfinished', prefix, signal));
    yield* [...this.#uploads.values()].filter(({ key }) => key.startsWith(prefix));
  }

  async abandon({ key, id }: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    const fault = await this.#begin('abandon', key, signal);
    this.#uploads.delete(id);
    end(fault);
  }

  close(): void {}

  async #begin(
    kind: ObjectOperation['kind'],
    key: string,
    signal: AbortSignal,
  ): Promise<ObjectFault | null> {
    signal.throwIfAborted();
    const fault = this.#faults?.({ index: this.#operations++, kind, key }) ?? null;
    await null;
    if (fault?.kind === 'error') throw broken('it answers with an error');
    if (fault?.kind === 'hang') await raised(signal);
    return fault;
  }

  #bytes(key: string): Uint8Array {
    const bytes = this.bytesOf(key);
    if (bytes !== null) return bytes;
    throw new NotFoundError(`there is no object ${key} in ${this.description}`, { key });
  }

  #keysAt(operation: number): string[] {
    return [...this.#versions.keys()]
      .filter((key) => this.#bytesAt(key, operation) !== null)
      .sort((a, b) => (a < b ? -1 : 1));
  }

  #bytesAt(key: string, operation: number): Uint8Array | null {
    return this.#versions.get(key)?.findLast(({ from }) => from <= operation)?.bytes ?? null;
  }
}

async function received(chunks: AsyncIterable<Uint8Array>, cutAt: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk.slice());
    size += chunk.length;
    if (size > cutAt) throw broken('the connection broke');
  }
  return new Uint8Array(Buffer.concat(parts));
}

function end(fault: ObjectFault | null): void {
  if (fault?.kind === 'lostReply') throw broken('the reply was lost');
}

const broken = (what: string) =>
  new ObjectStoreUnavailableError(`deep storage in memory: ${what}`, true);

const raised = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
