import type { RelColumn } from '../algebra/rel.js';
import type { RexColumn } from '../algebra/rex.js';
import { type Position, planError } from '../position.js';
import { didYouMean } from '../suggestion.js';

/** A relation of FROM and the names it goes by: its alias, or the path of the table. */
export interface ScopeTable {
  readonly path: readonly string[];
  readonly columns: readonly RelColumn[];
}

/** The columns that names may mean, in the order of the input relation. */
export class Scope {
  readonly #columns: readonly { readonly path: readonly string[]; readonly column: RelColumn }[];

  constructor(tables: readonly ScopeTable[]) {
    this.#columns = tables.flatMap(({ path, columns }) =>
      columns.map((column) => ({ path, column })),
    );
  }

  /** The column of a name, or null when there is none. Throws when several fit. */
  find(parts: readonly string[], position: Position): RexColumn | null {
    const name = parts.at(-1)!;
    const qualifier = parts.slice(0, -1);
    const indexes = this.#columns.flatMap(({ path, column }, i) =>
      column.name === name && endsWith(path, qualifier) ? [i] : [],
    );
    if (indexes.length > 1) throw planError(`Column '${parts.join('.')}' is ambiguous`, position);
    return indexes.length === 0 ? null : this.#reference(indexes[0]!, position);
  }

  resolve(parts: readonly string[], position: Position): RexColumn {
    const column = this.find(parts, position);
    if (column !== null) return column;
    const qualifier = parts.slice(0, -1);
    const name = parts.at(-1)!;
    if (qualifier.length > 0 && !this.#columns.some(({ path }) => endsWith(path, qualifier))) {
      throw planError(`Table '${qualifier.join('.')}' not found`, position);
    }
    const hint = didYouMean(
      name,
      this.#columns.map(({ column: { name: known } }) => known),
    );
    throw planError(`Column '${name}' not found in any table${hint}`, position);
  }

  /** All columns, or those of one table. */
  star(qualifier: readonly string[], position: Position): RexColumn[] {
    const found = this.#columns.flatMap(({ path }, i) =>
      endsWith(path, qualifier) ? [this.#reference(i, position)] : [],
    );
    if (found.length === 0 && qualifier.length > 0) {
      throw planError(`Table '${qualifier.join('.')}' not found`, position);
    }
    return found;
  }

  #reference(index: number, position: Position): RexColumn {
    const { name, type } = this.#columns[index]!.column;
    return { kind: 'column', index, name, type, position };
  }
}

const endsWith = (path: readonly string[], end: readonly string[]): boolean =>
  end.length <= path.length && end.every((part, i) => part === path[path.length - end.length + i]);
