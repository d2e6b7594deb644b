import { type JsonObject, stringifyJson } from '../../core/index.js';
import { lookupsIn, type NamedLookup } from '../../model/index.js';
import type { SegmentHandle } from '../../segments/index.js';
import { castsText } from '../interpreter/cast-segment.js';
import { BoundedMap } from './bounded-map.js';
import type { JobSource } from './executor.js';
import { FILE_KEY } from './messages.js';

/** As many queries keep their number at least. */
const MAX_QUERIES = 256;

/** As many loaded files keep theirs, at least. */
const MAX_FILES = 4096;

/** Of characters: the text of a longer query is not kept. */
const MAX_TEXT = 65_536;

interface QueryKey {
  readonly number: number;
  /** As text, unless that would not say all. */
  readonly json: string | JsonObject;
  /** Those that it names. */
  readonly lookups: readonly NamedLookup[];
}

/** Whether all numbers in some JSON are finite. */
function areFinite(json: unknown): boolean {
  if (typeof json === 'number') return Number.isFinite(json);
  if (typeof json !== 'object' || json === null) return true;
  return Object.values(json).every(areFinite);
}

/**
 * Names for what jobs read and for what is asked of them, so that a worker can keep it open. Equal names mean the same bytes:
 * the key of a loaded file holds its memory and where in it its parts are, that of a snapshot how far it goes, both what is cast; rows go by identity.
 */
export class SourceKeys {
  readonly #ids = new WeakMap<object, number>();
  /** Of handles, which do not change. */
  readonly #keys = new WeakMap<SegmentHandle, string>();
  /** Numbers of loaded files: shorter than what they stand for, which goes with each message. */
  readonly #files = new BoundedMap<string, number>(MAX_FILES);
  readonly #queryKeys = new WeakMap<JsonObject, QueryKey>();
  readonly #queries = new BoundedMap<string, number>(MAX_QUERIES);
  #nextId = 1;

  of(source: JobSource): string {
    if (source.kind === 'rows') return `rows ${this.id(source.block)}`;
    if (source.kind === 'lookup') return `lookup ${source.handle.contentId}`;
    return this.#handleKey(source.handle) + castsText(source.casts);
  }

  #handleKey(handle: SegmentHandle): string {
    const known = this.#keys.get(handle);
    if (known !== undefined) return known;
    const key = this.#keyOf(handle);
    this.#keys.set(handle, key);
    return key;
  }

  #keyOf(handle: SegmentHandle): string {
    if (handle.kind === 'mutable') {
      const { segment, layout, rowCount, columns } = handle;
      return `rows so far ${segment} ${layout} ${rowCount} ${columns.length}`;
    }
    const loaded = Array.from(handle.loaded, ([key, base]) => `${key}@${base}`);
    const { path, tree = 'rows' } = handle;
    const text = `${this.id(handle.memory)} ${path} ${tree} ${loaded.join(',')}`;
    const number = this.#files.get(text) ?? this.#nextId++;
    if (!this.#files.has(text)) this.#files.add(text, number);
    return `${FILE_KEY}${number}`;
  }

  /** The query's JSON and a number for it: the same for one that reads the same. */
  ofQuery(query: JsonObject): QueryKey {
    const known = this.#queryKeys.get(query);
    if (known !== undefined) return known;
    const key = this.#queryKeyOf(query);
    this.#queryKeys.set(query, key);
    return key;
  }

  #queryKeyOf(query: JsonObject): QueryKey {
    const text = stringifyJson(query);
    const lookups = lookupsIn(text);
    // No JSON says what numbers beyond all others are: it reads null.
    if (text.includes('null') && !areFinite(query))
      return { number: this.#nextId++, json: query, lookups };
    const equal = this.#queries.get(text);
    const number = equal ?? this.#nextId++;
    if (equal === undefined && text.length <= MAX_TEXT) this.#queries.add(text, number);
    return { number, json: text, lookups };
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
