import type { CodeColumn, Columns } from './columns.js';
import type { TextBytes } from './text-bytes.js';

/** The codes of a column and the text that each stands for. */
interface ColumnPiece {
  readonly column: CodeColumn;
  readonly text: (code: number) => string | null;
  /** The column's texts as they are. */
  readonly isPlain: boolean;
}

/** Where each piece has its codes. */
interface Places {
  readonly offsets: readonly number[];
  readonly constants: readonly number[];
  /** Constants with codes of their own, which begin at `firstOwn`. */
  readonly own: readonly (string | null)[];
  readonly firstOwn: number;
}

/**
 * What an expression chooses among, in one space of codes: those of each column, one column after another, then
 * those of constants. Beside a single dictionary a constant that is in it has its code there, so that equal
 * texts have one code. Places are known when all pieces are.
 */
export class TextPieces {
  readonly #columns: ColumnPiece[] = [];
  readonly #constants: (string | null)[] = [];
  #places: Places | null = null;

  constructor(private readonly columns: Columns) {}

  get size(): number {
    const { firstOwn, own } = this.#known();
    return Math.max(1, firstOwn + own.length);
  }

  /** Whether no two codes stand for equal texts. */
  get isDistinct(): boolean {
    return this.#columns.length === 0 || this.#onlyDictionary() !== null;
  }

  /** Adds a column; the function tells the code that its code 0 becomes. */
  addColumn(piece: ColumnPiece): () => number {
    const { column, isPlain } = piece;
    const known = this.#columns.findIndex(
      (each) => each.isPlain && isPlain && each.column === column,
    );
    const place = known >= 0 ? known : this.#columns.push(piece) - 1;
    return () => this.#known().offsets[place]!;
  }

  /** Adds a constant; the function tells its code. */
  addConstant(text: string | null): () => number {
    const known = this.#constants.indexOf(text);
    const place = known >= 0 ? known : this.#constants.push(text) - 1;
    return () => this.#known().constants[place]!;
  }

  text(code: number): string | null {
    const { offsets, firstOwn, own } = this.#known();
    if (code >= firstOwn) return own[code - firstOwn] ?? null;
    let place = offsets.length - 1;
    while (offsets[place]! > code) place--;
    return this.#columns[place]!.text(code - offsets[place]!);
  }

  #known(): Places {
    this.#places ??= this.#place();
    return this.#places;
  }

  #place(): Places {
    let firstOwn = 0;
    const offsets = this.#columns.map(({ column }) => {
      firstOwn += column.size;
      return firstOwn - column.size;
    });
    const dictionary = this.#onlyDictionary();
    const own: (string | null)[] = [];
    const constants = this.#constants.map((text) => {
      const code = dictionary === null ? null : codeIn(dictionary, text);
      return code ?? firstOwn + own.push(text) - 1;
    });
    return { offsets, constants, own, firstOwn };
  }

  /** The dictionary, where there is one column and its texts are as they are. */
  #onlyDictionary(): TextBytes | null {
    const [only, ...others] = this.#columns;
    return only?.isPlain && others.length === 0 ? this.columns.textBytes(only.column) : null;
  }
}

/** The code of a text or null in a dictionary; null where it is not there. */
function codeIn(dictionary: TextBytes, text: string | null): number | null {
  if (text === null) return dictionary.hasNull ? 0 : null;
  const { from, to } = dictionary.equal(text);
  return from < to ? from : null;
}
