import type { JsonObject } from '../../../core/index.js';
import type { Rex } from '../algebra/rex.js';
import { nativeType } from '../algebra/types.js';
import { unwrapped } from '../functions/operators.js';
import { expressionText } from '../functions/text.js';
import type { Source } from './stage.js';

/**
 * The virtual columns of one native query: `v0`, `v1`, …, one for each distinct expression. Names
 * that the source has are left out: the column would hide what its expression reads.
 */
export class VirtualColumns {
  readonly #specs: JsonObject[] = [];
  readonly #names = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;
  #next = 0;

  constructor(source: Source) {
    this.#taken = new Set(source.columns.map(({ name }) => name));
  }

  /** The column that holds an expression: the field itself, or a virtual column made for it. */
  column(rex: Rex): string {
    const bare = unwrapped(rex);
    if (bare.kind === 'field') return bare.name;
    const expression = expressionText(rex);
    const outputType = nativeType(rex.type);
    const key = `${outputType} ${expression}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#freeName();
    this.#names.set(key, name);
    this.#specs.push({ type: 'expression', name, expression, outputType });
    return name;
  }

  #freeName(): string {
    for (;;) {
      const name = `v${this.#next++}`;
      if (!this.#taken.has(name)) return name;
    }
  }

  /** `{ virtualColumns }` for the query, or nothing when there are none. */
  spec(): { virtualColumns?: readonly JsonObject[] } {
    return this.#specs.length === 0 ? {} : { virtualColumns: this.#specs };
  }
}
