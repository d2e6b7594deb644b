import type { PushOwner, PushTables } from '../metadata/push-tables.js';

/** Which node owns which push table, as the metadata said last. */
export class TableOwners {
  #owners: ReadonlyMap<string, PushOwner> = new Map();
  #reading: Promise<void> | null = null;

  constructor(private readonly tables: Pick<PushTables, 'owners'>) {}

  /** Takes what somebody else has read. */
  take(owners: ReadonlyMap<string, PushOwner>): void {
    this.#owners = owners;
  }

  /** Reads them anew; who asks meanwhile waits for the same. */
  async refresh(): Promise<void> {
    this.#reading ??= this.tables
      .owners()
      .then((owners) => this.take(owners))
      .finally(() => {
        this.#reading = null;
      });
    await this.#reading;
  }

  /** Null when the table has no owner; that is never answered from what was read before. */
  async of(table: string): Promise<PushOwner | null> {
    if (!this.#owners.has(table)) await this.refresh();
    return this.#owners.get(table) ?? null;
  }

  all(): ReadonlyMap<string, PushOwner> {
    return this.#owners;
  }
}

/** The node with the fewest tables, the first by name among equals; null when there is none. Pure. */
export function chooseOwner(
  owners: Iterable<Pick<PushOwner, 'node'>>,
  nodes: Iterable<string>,
): string | null {
  const counts = new Map([...nodes].map((name) => [name, 0]));
  for (const { node } of owners) {
    const count = counts.get(node);
    if (count !== undefined) counts.set(node, count + 1);
  }
  const [first] = [...counts].sort(([a, some], [b, more]) => some - more || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}
