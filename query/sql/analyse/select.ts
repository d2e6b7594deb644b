import type { ProjectRel, Rel, SortKey } from '../algebra/rel.js';
import { type Rex, rexKey, some } from '../algebra/rex.js';
import type * as ast from '../parser/ast.js';
import { planError } from '../position.js';
import { Aggregation } from './aggregation.js';
import type { Environment } from './environment.js';
import { ExpressionAnalyser } from './expression.js';
import type { FromResult } from './from.js';
import { analyseGroups } from './group-by.js';
import { Scope } from './scope.js';

interface Item {
  readonly rex: Rex;
  readonly name: string;
  readonly node: ast.ExpressionNode | null;
}

/** A SELECT whose FROM has been analysed, together with the ORDER BY behind it. */
export class SelectAnalyser {
  readonly #scope: Scope;

  constructor(
    private readonly select: ast.SelectNode,
    private readonly orderBy: readonly ast.OrderItemNode[],
    private readonly from: FromResult,
    private readonly environment: Environment,
    private readonly query: (node: ast.QueryNode) => Rel,
  ) {
    this.#scope = new Scope(from.tables);
  }

  /** The relation with its sort keys; keys past the named columns are helpers to be dropped after sorting. */
  analyse(): { rel: Rel; keys: SortKey<number>[]; columnCount: number } {
    const { select } = this;
    const items = select.items.flatMap((item, i) => this.#items(item, i));
    const orders = this.orderBy.map((order) => this.#orderRex(order, items));
    const having = select.having === null ? null : this.#having(select.having);
    const input = this.#filtered();
    const everything = [
      ...items.map(({ rex }) => rex),
      ...orders,
      ...(having === null ? [] : [having]),
    ];
    const aggregated =
      select.groupBy !== null ||
      having !== null ||
      everything.some((rex) => some(rex, ({ kind }) => kind === 'aggregate'));
    const projection = aggregated
      ? this.#aggregated(input, items, orders, having)
      : { input, rexes: items.map(({ rex }) => rex), orders };
    return this.#project(projection, items);
  }

  #filtered(): Rel {
    const { rel } = this.from;
    if (this.select.where === null) return rel;
    const condition = this.#expressions('WHERE').condition(this.select.where, 'WHERE');
    return { kind: 'filter', input: rel, condition, columns: rel.columns };
  }

  #aggregated(input: Rel, items: readonly Item[], orders: readonly Rex[], having: Rex | null) {
    const { groups, sets } = analyseGroups(this.select.groupBy ?? [], {
      item: (ordinal) => items[ordinal - 1]?.rex ?? null,
      alias: (name) => this.#aliased(name, items),
      rex: (node) => this.#expressions('GROUP BY').rex(node),
    });
    const aggregation = new Aggregation(input, groups, sets);
    const rexes = items.map(({ rex }) => aggregation.lift(rex));
    const lifted = orders.map((rex) => aggregation.lift(rex));
    const condition = having === null ? null : aggregation.lift(having);
    const rel = aggregation.rel();
    return {
      input:
        condition === null
          ? rel
          : ({ kind: 'filter', input: rel, condition, columns: rel.columns } as const),
      rexes,
      orders: lifted,
    };
  }

  #project(
    { input, rexes, orders }: { input: Rel; rexes: readonly Rex[]; orders: readonly Rex[] },
    items: readonly Item[],
  ) {
    const expressions = [...rexes];
    const known = rexes.map(rexKey);
    const keys = this.orderBy.map((order, i): SortKey<number> => {
      const rex = orders[i]!;
      let key = known.indexOf(rexKey(rex));
      if (key < 0) {
        if (this.select.distinct) {
          throw planError(
            'ORDER BY of a SELECT DISTINCT wants a selected expression',
            order.position,
          );
        }
        key = expressions.push(rex) - 1;
        known.push(rexKey(rex));
      }
      return {
        key,
        descending: order.descending,
        nullsFirst: order.nullsFirst ?? !order.descending,
      };
    });
    const columns = expressions.map(({ type }, i) => ({ name: items[i]?.name ?? `$${i}`, type }));
    const project: ProjectRel = { kind: 'project', input, expressions, columns };
    const rel = this.select.distinct ? distinct(project) : project;
    return { rel, keys, columnCount: rexes.length };
  }

  #items(item: ast.SelectItemNode, index: number): Item[] {
    const { expression: node, alias } = item;
    if (node.kind === 'star') {
      const columns = this.#scope.star(node.qualifier, node.position);
      return columns.map((rex) => ({ rex, name: rex.name, node: null }));
    }
    const rex = this.#expressions(null).rex(node);
    const own = node.kind === 'identifier' ? node.parts.at(-1)! : `EXPR$${index}`;
    return [{ rex, name: alias ?? own, node }];
  }

  /** ORDER BY takes an ordinal, an alias, or any expression. */
  #orderRex({ expression, position }: ast.OrderItemNode, items: readonly Item[]): Rex {
    if (expression.kind === 'literal' && expression.type === 'integer') {
      const item = items[Number(expression.value) - 1];
      if (item === undefined)
        throw planError(`Ordinal ${expression.value} is out of range`, position);
      return item.rex;
    }
    if (expression.kind === 'identifier' && expression.parts.length === 1) {
      const rex = this.#aliased(expression.parts[0]!, items);
      if (rex !== null) return rex;
    }
    return this.#expressions(null).rex(expression);
  }

  #having(node: ast.ExpressionNode): Rex {
    return this.#expressions(null).condition(node, 'HAVING');
  }

  #aliased(name: string, items: readonly Item[]): Rex | null {
    return items.find((item) => item.node !== null && item.name === name)?.rex ?? null;
  }

  #expressions(noAggregatesIn: string | null): ExpressionAnalyser {
    return new ExpressionAnalyser(this.environment, this.#scope, {
      noAggregatesIn,
      query: this.query,
      // WHERE sees columns only; elsewhere an alias may stand for its expression.
      alias: (name) =>
        noAggregatesIn === 'WHERE'
          ? null
          : (this.select.items.find((item) => item.alias === name)?.expression ?? null),
    });
  }
}

/** The relation without repeated rows. */
export function distinct(input: Rel): Rel {
  const groups = input.columns.map(
    ({ name, type }, index): Rex => ({
      kind: 'column',
      index,
      name,
      type,
      position: { line: 1, column: 1 },
    }),
  );
  return { kind: 'aggregate', input, groups, sets: null, calls: [], columns: input.columns };
}
