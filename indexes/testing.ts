import type { BlockSink, EncodingParameters, LoadedBlocks, WrittenIndex } from './types.js';

/** For tests: blocks as a file would hold them, and as a reader finds them. */
export class TestBlocks implements BlockSink {
  readonly contents = new Map<string, Uint8Array>();

  block(name: string, chunks: Iterable<Uint8Array>): void {
    if (this.contents.has(name)) throw new Error(`block ${name} is written twice`);
    // Writers use the memory of a chunk again.
    const copies = Array.from(chunks, (chunk) => chunk.slice());
    this.contents.set(name, Uint8Array.from(Buffer.concat(copies)));
  }

  get sizeBytes(): number {
    return [...this.contents.values()].reduce((sum, { length }) => sum + length, 0);
  }

  written(parameters: EncodingParameters = {}): WrittenIndex {
    const blocks = [...this.contents].map(([name, { length }]) => ({ name, length }));
    return { parameters, blocks };
  }

  /** In memory, each at a multiple of 64 with other bytes around. */
  loaded(rowCount: number, parameters: EncodingParameters = {}): LoadedBlocks {
    const places = new Map<string, [at: number, length: number]>();
    let size = 64;
    for (const [name, { length }] of this.contents) {
      places.set(name, [size, length]);
      size += Math.ceil((length + 16) / 64) * 64;
    }
    const memory = new Uint8Array(new SharedArrayBuffer(size)).fill(0xa5);
    for (const [name, content] of this.contents) memory.set(content, places.get(name)![0]);
    const bytes = (name: string) => {
      const [at, length] = places.get(name)!;
      return new Uint8Array(memory.buffer, at, length);
    };
    return { rowCount, parameters, bytes };
  }
}
