import type { JsonObject } from '../../../core/index.js';
import type { Rex } from '../algebra/rex.js';
import { nativeType } from '../algebra/types.js';
import { unwrapped } from '../functions/operators.js';
import { expressionText } from '../functions/text.js';

/** The virtual columns of one native query: `v0`, `v1`, …, one for each distinct expression. */
export class VirtualColumns {
  readonly #specs: JsonObject[] = [];
  readonly #names = new Map<string, string>();

  /** The column that holds an expression: the field itself, or a virtual column made for it. */
  column(rex: Rex): string {
    const bare = unwrapped(rex);
    if (bare.kind === 'field') return bare.name;
    const expression = expressionText(rex);
    const outputType = nativeType(rex.type);
    const key = `${outputType} ${expression}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `v${this.#specs.length}`;
    this.#names.set(key, name);
    this.#specs.push({ type: 'expression', name, expression, outputType });
    return name;
  }

  /** `{ virtualColumns }` for the query, or nothing when there are none. */
  spec(): { virtualColumns?: readonly JsonObject[] } {
    return this.#specs.length === 0 ? {} : { virtualColumns: this.#specs };
  }
}
