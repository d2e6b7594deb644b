import type { JobSource } from './executor.js';
import { FILE_KEY } from './messages.js';

/**
 * Names for what jobs read, so that a worker can keep it open. Equal names mean the same bytes:
 * the key of a loaded file holds its memory, address and columns; anything else goes by identity.
 */
export class SourceKeys {
  readonly #ids = new WeakMap<object, number>();
  #nextId = 1;

  of(source: JobSource): string {
    if (source.kind === 'rows') return `rows ${this.id(source.block)}`;
    const { handle } = source;
    if (handle.kind !== 'immutable') return `segment ${this.id(handle)}`;
    return `${FILE_KEY}${this.id(handle.memory)} ${handle.base} ${handle.path} ${handle.loaded.join(',')}`;
  }

  /** A number that stands for the object as long as it lives. */
  id(object: object): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#ids.set(object, id);
    return id;
  }
}
