import { checkSize, gunzip } from './gunzip.js';
import type { InputEntity } from './source.js';

/** What an entity is made of: where it is, and its stored bytes. */
export interface EntityFacts {
  readonly uri: string;
  readonly sizeBytes: number | null;
  /** Decides about unpacking by its end. */
  readonly name: string;
  /** Most unpacked bytes. */
  readonly maxBytes: number;
  stored(): AsyncIterable<Uint8Array>;
}

/** An entity that unpacks .gz names and keeps to the size limit. */
export class StreamEntity implements InputEntity {
  constructor(private readonly facts: EntityFacts) {}

  get uri(): string {
    return this.facts.uri;
  }

  get sizeBytes(): number | null {
    return this.facts.sizeBytes;
  }

  chunks(): AsyncIterable<Uint8Array> {
    const { name, uri, maxBytes } = this.facts;
    const isPacked = name.toLowerCase().endsWith('.gz');
    // What unpacks reads ahead, so that a chunk must outlive the next one.
    const stored = limited(this.facts.stored(), uri, maxBytes, isPacked);
    return isPacked ? gunzip(stored, uri, maxBytes) : stored;
  }

  async bytes(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.chunks()) chunks.push(chunk.slice());
    return Buffer.concat(chunks);
  }
}

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
