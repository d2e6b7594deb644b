import { type Disk, NotFoundError, type Random, UnavailableError, uuid } from '../../core/index.js';
import { CheckedBytes, checkSame } from './checked-bytes.js';
import { fileBytes, writeBytes } from './file-bytes.js';
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

export interface FolderStoreOptions {
  readonly disk: Disk;
  /** Made when missing. */
  readonly path: string;
  readonly random: Random;
}

/** Names that no key begins with: what is being written. */
const UNFINISHED = '~unfinished';

/**
 * Deep storage in a folder, of this machine or a network file system: the key is the path of the file. An object is
 * written under another name, synced and renamed. Two processes that store different bytes under one key at the same moment
 * are not told apart, as two processes that use S3 are; keys of segments are never used twice.
 */
export class FolderStore implements ObjectStore {
  readonly description: string;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #random: Random;

  constructor({ disk, path, random }: FolderStoreOptions) {
    this.description = `folder ${path}`;
    this.#disk = disk;
    this.#path = path;
    this.#random = random;
  }

  async put(key: string, body: ObjectBody, signal: AbortSignal): Promise<PutObject> {
    const path = this.#pathOf(key);
    const temporary = this.#unfinishedPath({ key, id: uuid(this.#random) });
    const bytes = new CheckedBytes(key, body);
    try {
      await this.#attempt(async () => {
        this.#disk.makeDirectory(temporary.slice(0, temporary.lastIndexOf('/')));
        await writeBytes(this.#disk, temporary, bytes.of(body.chunks, signal), true);
      });
      const isNew = await this.#attempt(async () => this.#appear(temporary, path));
      if (!isNew) await checkSame(this, key, bytes.result, signal);
      return bytes.result;
    } finally {
      await this.#attempt(async () => this.#disk.remove(temporary));
    }
  }

  async get(key: string, { signal, range }: GetOptions): Promise<ObjectBytes> {
    signal.throwIfAborted();
    const { sizeBytes } = await this.head(key, signal);
    checkRange(key, sizeBytes, range);
    const bytes = fileBytes(this.#disk, this.#pathOf(key), range);
    const attempt = this.#attempt.bind(this);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          signal.throwIfAborted();
          const { done, value } = await attempt(() => bytes.next());
          if (done) return;
          yield value.slice();
        }
      } finally {
        await bytes.return(undefined);
      }
    }
    return { sizeBytes, chunks: chunks() };
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectFacts> {
    signal.throwIfAborted();
    const path = this.#pathOf(key);
    const stat = await this.#attempt(async () => this.#disk.stat(path));
    if (stat?.kind === 'file') return { key, sizeBytes: stat.sizeBytes, sha256: null };
    throw new NotFoundError(`there is no object ${key} in ${this.description}`, { key });
  }

  async list(
    prefix: string,
    { signal, after = '', limit = PAGE_OBJECTS }: ListOptions,
  ): Promise<ObjectPage> {
    signal.throwIfAborted();
    return this.#attempt(async () => {
      const objects: ObjectPage['objects'][number][] = [];
      for (const key of this.#keysBelow('', prefix, after)) {
        if (objects.length === limit) return { objects, next: objects.at(-1)!.key };
        const stat = this.#disk.stat(`${this.#path}/${key}`);
        // It may have been removed meanwhile.
        if (stat?.kind === 'file') objects.push({ key, sizeBytes: stat.sizeBytes });
      }
      return { objects, next: null };
    });
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#attempt(async () => this.#disk.remove(this.#pathOf(key)));
  }

  async *unfinished(prefix: string, signal: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    signal.throwIfAborted();
    const root = `${UNFINISHED}/`;
    const paths = await this.#attempt(async () => [...this.#keysBelow(root, root + prefix, '')]);
    for (const path of paths) {
      const [key = '', id] = path.slice(root.length).split('~');
      if (id !== undefined) yield { key, id };
    }
  }

  async abandon(upload: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#attempt(async () => this.#disk.remove(this.#unfinishedPath(upload)));
  }

  close(): void {}

  /** No key has a `~`, so that both can be read from the name. */
  #unfinishedPath({ key, id }: UnfinishedUpload): string {
    checkKey(key);
    return `${this.#path}/${UNFINISHED}/${key}~${id}`;
  }

  #pathOf(key: string): string {
    checkKey(key);
    return `${this.#path}/${key}`;
  }

  /** In one turn, so that nobody in this process comes in between. False where the name is taken. */
  #appear(temporary: string, path: string): boolean {
    if (this.#disk.stat(path) !== null) return false;
    const directory = path.slice(0, path.lastIndexOf('/'));
    this.#disk.makeDirectory(directory);
    this.#disk.rename(temporary, path);
    this.#disk.syncDirectory(directory);
    return true;
  }

  /** Keys in order: a directory's name counts as if it ended in `/`, as it does in the keys below it. */
  *#keysBelow(directory: string, prefix: string, after: string): Generator<string> {
    const names = this.#disk
      .list(`${this.#path}/${directory}`)
      .map((name) => {
        const stat = this.#disk.stat(`${this.#path}/${directory}${name}`);
        return stat?.kind === 'directory' ? `${directory}${name}/` : `${directory}${name}`;
      })
      .sort((a, b) => (a < b ? -1 : 1));
    for (const path of names) {
      if (path === `${UNFINISHED}/`) continue;
      if (path.endsWith('/')) {
        const mayHold = path.startsWith(prefix) || prefix.startsWith(path);
        const isBehind = path > after || after.startsWith(path);
        if (mayHold && isBehind) yield* this.#keysBelow(path, prefix, after);
      } else if (path.startsWith(prefix) && path > after) yield path;
    }
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof UnavailableError) || error instanceof ObjectStoreUnavailableError)
        throw error;
      throw new ObjectStoreUnavailableError(
        `deep storage in ${this.description}: ${error.message}; look whether the folder is mounted, writable and has room`,
        true,
        error,
      );
    }
  }
}
