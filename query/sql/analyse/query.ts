import type { Rel, RelColumn, SortKey } from '../algebra/rel.js';
import type { Rex } from '../algebra/rex.js';
import { commonType } from '../algebra/types.js';
import { castTo } from '../functions/cast.js';
import type * as ast from '../parser/ast.js';
import { type Position, planError } from '../position.js';
import { refold } from './calls.js';
import type { Environment } from './environment.js';
import { ExpressionAnalyser } from './expression.js';
import { analyseTable, type CommonTables, type FromResult, refuseJoin, renamed } from './from.js';
import { Scope } from './scope.js';
import { SelectAnalyser } from './select.js';

/** The relation of a whole query. Throws UserError 'sqlPlan' for what is wrong, UnsupportedError for what is not built. */
export function analyseQuery(node: ast.QueryNode, environment: Environment): Rel {
  return new QueryAnalyser(environment, new Map()).query(node);
}

/** One row and one column of no meaning: what SELECT without FROM reads. */
const ONE_ROW: Rel = { kind: 'values', columns: [{ name: 'ZERO', type: 'BIGINT' }], rows: [[0]] };

class QueryAnalyser {
  constructor(
    private readonly environment: Environment,
    private readonly common: CommonTables,
  ) {}

  query(node: ast.QueryNode): Rel {
    if (node.with.length > 0) return this.#withTables(node);
    const { body, orderBy } = node;
    if (body.kind === 'select') {
      const from = this.#from(body.from);
      const select = new SelectAnalyser(body, orderBy, from, this.environment, (q) =>
        this.query(q),
      );
      const { rel, keys, columnCount } = select.analyse();
      return uniqueNames(trimmed(this.#sorted(rel, keys, node), columnCount));
    }
    const rel = this.#body(body);
    return this.#sorted(
      rel,
      orderBy.map((order) => this.#outputKey(order, rel)),
      node,
    );
  }

  #withTables(node: ast.QueryNode): Rel {
    const common = new Map(this.common);
    for (const { name, columns, query, position } of node.with) {
      const rel = new QueryAnalyser(this.environment, common).query(query);
      common.set(name, renamed(rel, columns, position));
    }
    return new QueryAnalyser(this.environment, common).query({ ...node, with: [] });
  }

  #body(body: Exclude<ast.QueryNode['body'], ast.SelectNode>): Rel {
    switch (body.kind) {
      case 'query':
        return this.query(body);
      case 'values':
        return this.#values(body);
      case 'union':
        return this.#union(body);
    }
  }

  #from(node: ast.FromNode | null): FromResult {
    if (node === null) return { rel: ONE_ROW, tables: [] };
    switch (node.kind) {
      case 'table':
        return analyseTable(node, this.environment, this.common);
      case 'derived': {
        const rel = renamed(this.query(node.query), node.columns, node.position);
        return {
          rel,
          tables: [{ path: node.alias === null ? [] : [node.alias], columns: rel.columns }],
        };
      }
      case 'join':
        return refuseJoin(node);
    }
  }

  #values({ rows, position }: ast.ValuesNode): Rel {
    const analyser = this.#expressions([]);
    const rexes = rows.map((row) => row.map((node) => analyser.rex(node)));
    const width = rexes[0]!.length;
    if (rexes.some((row) => row.length !== width)) {
      throw planError('The rows of VALUES have different lengths', position);
    }
    const columns = Array.from({ length: width }, (_, i): RelColumn => {
      const type = rexes.map((row) => row[i]!.type).reduce((a, b) => unionType(a, b, position));
      return { name: `EXPR$${i}`, type };
    });
    const value = (rex: Rex, i: number) => {
      const cast = refold(castTo(rex, columns[i]!.type, this.environment.functions));
      if (cast.kind !== 'literal') throw planError('VALUES takes constants only', rex.position);
      return cast.value;
    };
    return { kind: 'values', columns, rows: rexes.map((row) => row.map(value)) };
  }

  #union({ queries, position }: ast.UnionNode): Rel {
    const inputs = queries.map((query) => this.query(query));
    const [first, ...rest] = inputs as [Rel, ...Rel[]];
    for (const { columns } of rest) {
      if (columns.length !== first.columns.length) {
        throw planError(
          `Column count mismatch in UNION ALL: ${first.columns.length} and ${columns.length}`,
          position,
        );
      }
    }
    const columns = first.columns.map(({ name }, i) => ({
      name,
      type: inputs.map((rel) => rel.columns[i]!.type).reduce((a, b) => unionType(a, b, position)),
    }));
    return { kind: 'union', inputs: inputs.map((rel) => this.#cast(rel, columns)), columns };
  }

  /** The relation with every column cast to the type of the union. */
  #cast(rel: Rel, columns: readonly RelColumn[]): Rel {
    if (columns.every(({ type }, i) => type === rel.columns[i]!.type)) return rel;
    const position = { line: 1, column: 1 };
    const expressions = rel.columns.map(({ name, type }, index) =>
      refold(
        castTo(
          { kind: 'column', index, name, type, position },
          columns[index]!.type,
          this.environment.functions,
        ),
      ),
    );
    return { kind: 'project', input: rel, expressions, columns };
  }

  #outputKey(order: ast.OrderItemNode, rel: Rel): SortKey<number> {
    const { expression, descending, nullsFirst, position } = order;
    const ordinal =
      expression.kind === 'literal' && expression.type === 'integer'
        ? Number(expression.value)
        : null;
    const rex = ordinal === null ? this.#expressions(rel.columns).rex(expression) : null;
    const key = ordinal !== null ? ordinal - 1 : rex?.kind === 'column' ? rex.index : -1;
    if (rel.columns[key] === undefined)
      throw planError('ORDER BY wants a column of the result', position);
    return { key, descending, nullsFirst: nullsFirst ?? !descending };
  }

  #expressions(columns: readonly RelColumn[]): ExpressionAnalyser {
    return new ExpressionAnalyser(this.environment, new Scope([{ path: [], columns }]), {
      noAggregatesIn: 'this place',
      query: (query) => this.query(query),
    });
  }

  #sorted(input: Rel, keys: readonly SortKey<number>[], node: ast.QueryNode): Rel {
    const limit = node.limit === null ? null : this.#count(node.limit, 'LIMIT');
    const offset = node.offset === null ? 0 : this.#count(node.offset, 'OFFSET');
    if (keys.length === 0 && limit === null && offset === 0) return input;
    return { kind: 'sort', input, keys, limit, offset, columns: input.columns };
  }

  #count(node: ast.ExpressionNode, clause: string): number {
    const rex = refold(
      castTo(this.#expressions([]).rex(node), 'BIGINT', this.environment.functions),
    );
    const count = rex.kind === 'literal' ? Number(rex.value ?? Number.NaN) : Number.NaN;
    if (Number.isSafeInteger(count) && count >= 0) return count;
    throw planError(`${clause} wants a whole number, 0 or more`, node.position);
  }
}

function unionType(a: RelColumn['type'], b: RelColumn['type'], position: Position) {
  const type = commonType(a, b);
  if (type === null) throw planError(`No common type of ${a} and ${b}`, position);
  return type;
}

/** Drops the columns that were only there to sort by. */
function trimmed(rel: Rel, count: number): Rel {
  if (rel.columns.length === count) return rel;
  const columns = rel.columns.slice(0, count);
  const expressions = columns.map(
    ({ name, type }, index): Rex => ({
      kind: 'column',
      index,
      name,
      type,
      position: { line: 1, column: 1 },
    }),
  );
  return { kind: 'project', input: rel, expressions, columns };
}

/** A second column `a` becomes `a0`, a third `a1`. */
function uniqueNames(rel: Rel): Rel {
  const taken = new Set<string>();
  const columns = rel.columns.map((column) => {
    let { name } = column;
    for (let i = 0; taken.has(name); i++) name = `${column.name}${i}`;
    taken.add(name);
    return { ...column, name };
  });
  return { ...rel, columns };
}
