import { type JsonObject, stringifyJson } from '../../../core/index.js';
import { type Rex, rexKey } from '../algebra/rex.js';
import { nativeType } from '../algebra/types.js';
import { unwrapped } from '../functions/operators.js';
import { expressionText } from '../functions/text.js';
import { toFilter } from './filters.js';
import type { Stage } from './stage.js';
import type { VirtualColumns } from './virtual-columns.js';

/** The outputs of a grouping stage: aggregators `a0` …, and post-aggregators for what is computed from them. */
export class Outputs {
  readonly aggregations: JsonObject[] = [];
  readonly #posts: JsonObject[] = [];
  readonly #names = new Map<string, string>();
  /** Of sketches that something is computed from, by all that they are beside it. */
  readonly #sketches = new Map<string, string>();

  constructor(stage: Stage, columns: VirtualColumns) {
    const { groups, calls } = stage.grouping!;
    const groupKeys = groups.map(rexKey);
    calls.forEach((call, i) => {
      const name = `a${i}`;
      const filter = (rex: Rex): JsonObject => toFilter(rex, (part) => columns.column(part));
      const wrap = (aggregator: JsonObject): JsonObject =>
        call.filter === null
          ? aggregator
          : { type: 'filtered', aggregator, filter: filter(call.filter), name: aggregator.name };
      const { aggregators, expression } = call.fn.plan(call.args, call.distinct, {
        name,
        column: (rex) => columns.column(rex),
        filter,
        shared: (sketch) => this.#shared(wrap({ ...sketch, name: `${name}:sketch` })),
        dimension: (rex) => `d${groupKeys.indexOf(rexKey(rex))}`,
      });
      this.aggregations.push(...aggregators.map(wrap));
      if (expression !== undefined) this.#post(name, expression, call.type);
    });
  }

  /** The name of an aggregator like this one, which is added where there is none. */
  #shared(aggregator: JsonObject): string {
    const key = keyOf(aggregator);
    const known = this.#sketches.get(key);
    if (known !== undefined) return known;
    const name = aggregator.name as string;
    this.#sketches.set(key, name);
    this.aggregations.push(aggregator);
    return name;
  }

  /** The name of the field that holds an expression over dimensions and aggregates. */
  column(rex: Rex): string {
    const bare = unwrapped(rex);
    if (bare.kind === 'field') return bare.name;
    const expression = expressionText(rex);
    const key = `${rex.type} ${expression}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `p${this.#names.size}`;
    this.#names.set(key, name);
    this.#post(name, expression, rex.type);
    return name;
  }

  #post(name: string, expression: string, type: Rex['type']): void {
    this.#posts.push({ type: 'expression', name, expression, outputType: nativeType(type) });
  }

  /** `{ aggregations, postAggregations }`, the latter only when there are any. */
  spec(): JsonObject {
    const posts = this.#posts.length === 0 ? {} : { postAggregations: this.#posts };
    return { aggregations: this.aggregations, ...posts };
  }
}

/** All of an aggregator but its name. */
const keyOf = ({ name, aggregator, ...rest }: JsonObject): string =>
  stringifyJson([rest, aggregator === undefined ? null : keyOf(aggregator as JsonObject)]);
