import type { PushOwner, PushTables } from '../metadata/push-tables.js';

const NO_OWNER: PushOwner = { node: null, epoch: 0 };

/** Which node owns which push table, as the metadata said last. */
export class TableOwners {
  #owners: ReadonlyMap<string, PushOwner> = new Map();
  #reading: Promise<void> | null = null;

  constructor(private readonly tables: Pick<PushTables, 'owners'>) {}

  /** Reads them anew; who asks meanwhile waits for the same. */
  async refresh(): Promise<void> {
    this.#reading ??= this.tables
      .owners()
      .then((owners) => {
        this.#owners = owners;
      })
      .finally(() => {
        this.#reading = null;
      });
    await this.#reading;
  }

  /** That a table has no owner is never answered from what was read before. */
  async of(table: string): Promise<PushOwner> {
    if ((this.#owners.get(table) ?? NO_OWNER).node === null) await this.refresh();
    return this.#owners.get(table) ?? NO_OWNER;
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
    const count = node === null ? undefined : counts.get(node);
    if (node !== null && count !== undefined) counts.set(node, count + 1);
  }
  const [first] = [...counts].sort(([a, some], [b, more]) => some - more || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}
