import type { Rel } from '../algebra/rel.js';
import { type AggregateCall, callKey, type Rex, rexKey } from '../algebra/rex.js';
import { planError } from '../position.js';
import { simplify } from './simplify.js';

/**
 * The step from rows to groups. Expressions are analysed over the input first; `lift` then
 * rewrites them over groups and aggregates, collecting the aggregate calls on the way.
 */
export class Aggregation {
  readonly #groupKeys: readonly string[];
  readonly #calls: AggregateCall[] = [];
  readonly #callKeys = new Map<string, number>();

  constructor(
    private readonly input: Rel,
    private readonly groups: readonly Rex[],
    private readonly sets: readonly (readonly number[])[] | null,
  ) {
    this.#groupKeys = groups.map(rexKey);
  }

  /** The expression over the columns of the aggregate. Throws for a column that is neither grouped nor aggregated. */
  lift(rex: Rex): Rex {
    const group = this.#groupKeys.indexOf(rexKey(rex));
    if (group >= 0) {
      return { kind: 'column', index: group, name: '', type: rex.type, position: rex.position };
    }
    switch (rex.kind) {
      case 'aggregate':
        return {
          kind: 'column',
          index: this.groups.length + this.#callIndex(rex.call),
          name: rex.call.fn.name,
          type: rex.type,
          position: rex.position,
        };
      case 'column':
        throw planError(`Expression '${rex.name}' is not being grouped`, rex.position);
      case 'call':
        return simplify({ ...rex, args: rex.args.map((arg) => this.lift(arg)) });
      case 'subquery':
        return { ...rex, args: rex.args.map((arg) => this.lift(arg)) };
      default:
        return rex;
    }
  }

  #callIndex(call: AggregateCall): number {
    const key = callKey(call);
    const known = this.#callKeys.get(key);
    if (known !== undefined) return known;
    const { fn, args } = call;
    if (fn.name === 'GROUPING') this.#checkGrouping(args);
    this.#callKeys.set(key, this.#calls.length);
    return this.#calls.push(call) - 1;
  }

  #checkGrouping(args: readonly Rex[]): void {
    for (const arg of args) {
      if (!this.#groupKeys.includes(rexKey(arg))) {
        throw planError('Argument of GROUPING must be a grouped expression', arg.position);
      }
    }
  }

  /** The relation, once everything is lifted. */
  rel(): Rel {
    const groups = this.groups.map((rex, i) => ({ name: `$${i}`, type: rex.type }));
    const calls = this.#calls.map(({ type }, i) => ({ name: `$${this.groups.length + i}`, type }));
    return {
      kind: 'aggregate',
      input: this.input,
      groups: this.groups,
      sets: this.sets,
      calls: this.#calls,
      columns: [...groups, ...calls],
    };
  }
}
