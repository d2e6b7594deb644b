import { InternalError } from '../../core/index.js';
import { JSON_TYPE, Json, type Value } from '../../model/index.js';
import { CodedColumn } from './coded-column.js';
import { TextIds } from './text-ids.js';

/** A JSON column: a cell is a text. */
export class JsonColumn extends CodedColumn {
  readonly #texts = new TextIds();
  protected readonly dictionaries = [this.#texts];

  get heapBytes(): number {
    return this.#texts.heapBytes;
  }

  protected get idCount(): number {
    return this.#texts.count;
  }

  protected idOf(cell: Value): number {
    if (cell === null) return 0;
    if (cell instanceof Json) return this.#texts.idOf(cell.text);
    throw new InternalError(`JSON column ${this.name} was given ${typeof cell}`);
  }

  protected describe(width: number) {
    const encoding = 'json.dictionary';
    const parameters = { size: this.#texts.storedCount, width, paths: 'none' };
    return { type: JSON_TYPE, multiValue: false, encoding, parameters } as const;
  }
}
