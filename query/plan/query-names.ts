import type { VirtualColumn } from '../../model/index.js';
import type { VirtualNames } from '../compiler/time-pieces.js';
import { Underway } from '../compiler/underway.js';

/** What the names of a query lead to, before there is a segment to ask. */
export class QueryNames extends Underway implements VirtualNames {
  readonly #virtual: ReadonlyMap<string, VirtualColumn>;

  constructor(virtualColumns: readonly VirtualColumn[]) {
    super();
    this.#virtual = new Map(virtualColumns.map((column) => [column.name, column]));
  }

  virtual(name: string): VirtualColumn | null {
    return this.#virtual.get(name) ?? null;
  }

  /** The stored columns that names come down to. */
  storedBehind(names: Iterable<string>): Set<string> {
    const stored = new Set<string>();
    const seen = new Set<string>();
    const follow = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const virtual = this.virtual(name);
      if (virtual === null) stored.add(name);
      else for (const input of virtual.inputs) follow(input);
    };
    for (const name of names) follow(name);
    return stored;
  }
}
