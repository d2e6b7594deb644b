import { checkHeld, checkSize } from '../packing/limits.js';
import { archiveEntries, isArchive, packingOf } from '../packing/packing.js';
import type { ByteRanges, InputEntity } from './source.js';

/** What an entity is made of: where it is, and its stored bytes. */
export interface EntityFacts {
  readonly uri: string;
  readonly sizeBytes: number | null;
  /** Decides about unpacking by its end. */
  readonly name: string;
  /** Most unpacked bytes. */
  readonly maxBytes: number;
  stored(): AsyncIterable<Uint8Array>;
  /** The stored bytes wherever one wants, where that is cheap. */
  ranges?(): ByteRanges;
}

/** An entity that is unpacked as its name says and keeps to the size limit. */
export class StreamEntity implements InputEntity {
  constructor(private readonly facts: EntityFacts) {}

  get uri(): string {
    return this.facts.uri;
  }

  get sizeBytes(): number | null {
    return this.facts.sizeBytes;
  }

  async *parts(): AsyncGenerator<InputEntity> {
    const { name, uri, maxBytes } = this.facts;
    if (!isArchive(name)) {
      yield this;
      return;
    }
    for await (const entry of archiveEntries(this.#stored(true), uri, maxBytes)) {
      yield new ArchivedEntity(entry.uri, entry.chunks);
    }
  }

  chunks(): AsyncIterable<Uint8Array> {
    const { name, uri, maxBytes } = this.facts;
    const unpack = packingOf(name);
    return unpack === null ? this.#stored(false) : unpack(this.#stored(true), uri, maxBytes);
  }

  bytes(): Promise<Uint8Array> {
    return allOf(this.chunks(), this.uri);
  }

  async ranges(): Promise<ByteRanges> {
    const { name, uri, maxBytes, sizeBytes } = this.facts;
    if (packingOf(name) !== null || this.facts.ranges === undefined) {
      return rangesOf(await this.bytes());
    }
    checkSize(sizeBytes ?? 0, maxBytes, uri);
    return this.facts.ranges();
  }

  /** The bytes as they lie; what unpacks reads ahead, so that a chunk must outlive the next one: `isKept`. */
  #stored(isKept: boolean): AsyncIterable<Uint8Array> {
    return limited(this.facts.stored(), this.facts.uri, this.facts.maxBytes, isKept);
  }
}

/** A file in an archive; it can be read once, in its turn. */
class ArchivedEntity implements InputEntity {
  readonly sizeBytes = null;

  constructor(
    readonly uri: string,
    private readonly content: AsyncIterable<Uint8Array>,
  ) {}

  async *parts(): AsyncGenerator<InputEntity> {
    yield this;
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.content;
  }

  bytes(): Promise<Uint8Array> {
    return allOf(this.content, this.uri);
  }

  async ranges(): Promise<ByteRanges> {
    return rangesOf(await this.bytes());
  }
}

async function allOf(chunks: AsyncIterable<Uint8Array>, uri: string): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    checkHeld(bytes, uri);
    kept.push(chunk.slice());
  }
  return Buffer.concat(kept);
}

/** Bytes in memory, wherever one wants. */
export const rangesOf = (bytes: Uint8Array): ByteRanges => ({
  sizeBytes: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close: () => undefined,
});

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  uri: string,
  maxBytes: number,
  isKept: boolean,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    checkSize(bytes, maxBytes, uri);
    yield isKept ? chunk.slice() : chunk;
  }
}
