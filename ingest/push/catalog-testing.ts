import {
  ConflictError,
  type Disk,
  invariant,
  type JsonObject,
  parseJson,
  stringifyJson,
  utf8Decode,
  utf8Encode,
  writeFileAtomically,
} from '../../core/index.js';
import type { ChunkSegment } from '../publisher.js';
import { checkTableName } from '../spec/names.js';
import type { HandoffRequest, OpenedTable, PushCatalog, StoredTable } from './types.js';

interface CatalogTable extends StoredTable {
  readonly previousPosition: number | null;
}

interface CatalogState {
  readonly tables: readonly CatalogTable[];
  /** By data source, in order of publishing. */
  readonly segments: Readonly<Record<string, readonly ChunkSegment[]>>;
}

/**
 * For tests: a catalogue that is one file, so that it goes through power cuts with the disk. A
 * commit is the rename of the new file over the old one. Chunks are not looked at. Nothing is kept in memory: another one over
 * the same path knows the same.
 */
export class DiskCatalog implements PushCatalog {
  constructor(
    private readonly disk: Disk,
    private readonly path: string,
  ) {}

  async tables(): Promise<readonly StoredTable[]> {
    const byName = this.#read().tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return byName.map(({ name, versions, position }) => ({ name, versions, position }));
  }

  /** Tables are not given to others: they are open here since they were declared. */
  async open(name: string): Promise<OpenedTable> {
    const table = this.#read().tables.find((each) => each.name === name);
    if (table === undefined || table.position === null) throw new ConflictError(`no table ${name}`);
    const { versions, position } = table;
    return { name, versions, position, epoch: 0, state: null };
  }

  async declare(name: string, spec: JsonObject, position: number): Promise<number> {
    checkTableName(name, 'table');
    const state = this.#read();
    const before = state.tables.find((table) => table.name === name) ?? {
      name,
      versions: [],
      position,
      previousPosition: null,
    };
    const table = { ...before, versions: [...before.versions, spec] };
    this.#write(withTable(state, table));
    return table.versions.length;
  }

  async publish({ table: name, from, to, segments }: HandoffRequest): Promise<void> {
    invariant(from < to, 'a handoff moves the position on');
    const state = this.#read();
    const table = state.tables.find((each) => each.name === name);
    if (table?.position === to && table.previousPosition === from) return;
    if (table?.position !== from) {
      throw new ConflictError(`"${name}" stands at ${table?.position ?? 'none'}, not at ${from}`);
    }
    const all = { ...state.segments };
    for (const [dataSource, added] of segments) {
      all[dataSource] = [...(all[dataSource] ?? []), ...added.segments];
    }
    const moved = { ...table, position: to, previousPosition: from };
    this.#write({ ...withTable(state, moved), segments: all });
  }

  /** What was published of a data source. */
  published(dataSource: string): readonly ChunkSegment[] {
    return this.#read().segments[dataSource] ?? [];
  }

  #read(): CatalogState {
    if (this.disk.stat(this.path) === null) return { tables: [], segments: {} };
    return parseJson(utf8Decode(this.disk.readFile(this.path))) as unknown as CatalogState;
  }

  #write(state: CatalogState): void {
    writeFileAtomically(this.disk, this.path, utf8Encode(stringifyJson(state)));
  }
}

const withTable = (state: CatalogState, table: CatalogTable): CatalogState => ({
  ...state,
  tables: [...state.tables.filter(({ name }) => name !== table.name), table],
});
