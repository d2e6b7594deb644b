import { spanOfSet } from './code-set.js';
import type { CodeColumn, Columns } from './columns.js';
import type { TextBytes } from './text-bytes.js';

/** Some codes and the text that each stands for. */
export interface CodePiece {
  readonly size: number;
  readonly text: (code: number) => string | null;
  /** The column whose texts these are as they are; null where they are computed. */
  readonly dictionary: CodeColumn | null;
  /** No two codes have equal texts, or nulls. */
  readonly isDistinct: boolean;
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
 * What an expression chooses among, in one space of codes: those of columns, one piece after another, then
 * those of constants. Beside a single dictionary a constant that is in it has its code there, so that equal
 * texts have one code. Places are known when all pieces are.
 */
export class TextPieces {
  readonly #codes: CodePiece[] = [];
  readonly #constants: (string | null)[] = [];
  #places: Places | null = null;

  constructor(private readonly columns: Columns) {}

  get size(): number {
    const { firstOwn, own } = this.#known();
    return Math.max(1, firstOwn + own.length);
  }

  /** Whether no two codes stand for equal texts. */
  get isDistinct(): boolean {
    const [only, ...others] = this.#codes;
    if (only === undefined || this.#onlyDictionary() !== null) return true;
    return others.length === 0 && only.isDistinct && this.#constants.length === 0;
  }

  /** Adds codes; the function tells what their code 0 becomes. */
  addCodes(piece: CodePiece): () => number {
    const known = this.#codes.findIndex(
      ({ dictionary }) => dictionary !== null && dictionary === piece.dictionary,
    );
    const place = known >= 0 ? known : this.#codes.push(piece) - 1;
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
    return this.#codes[place]!.text(code - offsets[place]!);
  }

  #known(): Places {
    this.#places ??= this.#place();
    return this.#places;
  }

  #place(): Places {
    let firstOwn = 0;
    const offsets = this.#codes.map(({ size }) => {
      firstOwn += size;
      return firstOwn - size;
    });
    const dictionary = this.#onlyDictionary();
    const own: (string | null)[] = [];
    const constants = this.#constants.map((text) => {
      const code = dictionary === null ? null : codeIn(dictionary, text);
      return code ?? firstOwn + own.push(text) - 1;
    });
    return { offsets, constants, own, firstOwn };
  }

  /** The dictionary, where there is but one piece, and that is one. */
  #onlyDictionary(): TextBytes | null {
    const [only, ...others] = this.#codes;
    const dictionary = others.length === 0 ? (only?.dictionary ?? null) : null;
    return dictionary === null ? null : this.columns.textBytes(dictionary);
  }
}

/** The code of a text or null in a dictionary; null where it is not there. */
function codeIn(dictionary: TextBytes, text: string | null): number | null {
  if (text === null) return dictionary.hasNull ? 0 : null;
  const { from, to } = spanOfSet(dictionary.equal([text]));
  return from < to ? from : null;
}
