import { type JsonObject, stringifyJson } from '../../core/index.js';
import { BoundedMap } from './bounded-map.js';
import type { JobSource } from './executor.js';
import { FILE_KEY } from './messages.js';

/** As many queries keep their number at least. */
const MAX_QUERIES = 256;

/** Of characters: the text of a longer query is not kept. */
const MAX_TEXT = 65_536;

/**
 * Names for what jobs read and for what is asked of them, so that a worker can keep it open. Equal names mean the same bytes:
 * the key of a loaded file holds its memory and where in it its parts are, that of a snapshot how far it goes; rows go by identity.
 */
export class SourceKeys {
  readonly #ids = new WeakMap<object, number>();
  readonly #queries = new BoundedMap<string, number>(MAX_QUERIES);
  #nextId = 1;

  of(source: JobSource): string {
    if (source.kind === 'rows') return `rows ${this.id(source.block)}`;
    const { handle } = source;
    if (handle.kind === 'mutable') {
      const { segment, layout, rowCount, columns } = handle;
      return `rows so far ${segment} ${layout} ${rowCount} ${columns.length}`;
    }
    const loaded = Array.from(handle.loaded, ([key, base]) => `${key}@${base}`);
    return `${FILE_KEY}${this.id(handle.memory)} ${handle.path} ${loaded.join(',')}`;
  }

  /** A number for the query: the same for one that reads the same. */
  ofQuery(query: JsonObject): number {
    const known = this.#ids.get(query);
    if (known !== undefined) return known;
    const text = stringifyJson(query);
    const equal = this.#queries.get(text);
    const number = equal ?? this.#nextId++;
    if (equal === undefined && text.length <= MAX_TEXT) this.#queries.add(text, number);
    this.#ids.set(query, number);
    return number;
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
