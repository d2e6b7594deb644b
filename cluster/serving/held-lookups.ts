import type { LookupHandle, LookupTable } from '../../model/index.js';

/** Lookups that queries of other nodes named, the last ones: so that they need not be sent with each. */
export class HeldLookups {
  /** The last used last. */
  readonly #tables = new Map<string, LookupTable>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  add(table: LookupTable): void {
    if (this.#tables.has(table.contentId)) return;
    this.#tables.set(table.contentId, table);
    this.#bytes += table.sizeBytes;
    for (const [id, { sizeBytes }] of this.#tables) {
      if (this.#bytes <= this.maxBytes || id === table.contentId) return;
      this.#tables.delete(id);
      this.#bytes -= sizeBytes;
    }
  }

  get(contentId: string): LookupHandle | null {
    const table = this.#tables.get(contentId);
    if (table === undefined) return null;
    this.#tables.delete(contentId);
    this.#tables.set(contentId, table);
    return { contentId, buffer: table.buffer };
  }
}
