import { UnsupportedError } from '../../../core/index.js';
import type { Rel } from '../algebra/rel.js';
import { literal, type Rex, type RexSubquery } from '../algebra/rex.js';
import { arrayOf, commonType, type SqlType, sqlTypeOf } from '../algebra/types.js';
import { castTo, timeLiteral } from '../functions/cast.js';
import { alike, comparison } from '../functions/comparison.js';
import { callOf, type ScalarFunction } from '../functions/definition.js';
import * as op from '../functions/operators.js';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from '../functions/registry.js';
import type * as ast from '../parser/ast.js';
import { type Position, planError } from '../position.js';
import { didYouMean } from '../suggestion.js';
import { buildCall, castArguments, numberTypeOf, refold } from './calls.js';
import type { Environment } from './environment.js';
import { intervalArithmetic, intervalLiteral } from './intervals.js';
import type { Scope } from './scope.js';
import { simplify } from './simplify.js';

export interface ExpressionOptions {
  /** Where aggregates may not stand: `WHERE`, `an aggregate`; null where they may. */
  readonly noAggregatesIn: string | null;
  /** What a name means that is no column: an alias of the select list. */
  alias?(name: string): ast.ExpressionNode | null;
  /** Analyses a query that stands inside the expression. */
  query(node: ast.QueryNode): Rel;
}

const COMPARISONS: ReadonlyMap<string, ScalarFunction> = new Map([
  ['=', op.EQUALS],
  ['<>', op.NOT_EQUALS],
  ['<', op.LESS],
  ['<=', op.LESS_OR_EQUAL],
  ['>', op.GREATER],
  ['>=', op.GREATER_OR_EQUAL],
]);

const ARITHMETIC: ReadonlyMap<string, ScalarFunction> = new Map([
  ['+', op.PLUS],
  ['-', op.MINUS],
  ['*', op.TIMES],
  ['/', op.DIVIDE],
  ['%', op.REMAINDER],
]);

/** Turns syntax into typed expressions over the columns of a scope. */
export class ExpressionAnalyser {
  constructor(
    private readonly environment: Environment,
    private readonly scope: Scope,
    private readonly options: ExpressionOptions,
  ) {}

  /** The typed expression, constants folded. Throws UserError 'sqlPlan' with the place of the fault. */
  rex(node: ast.ExpressionNode): Rex {
    switch (node.kind) {
      case 'literal':
        return literalOf(node);
      case 'temporal':
        return timeLiteral(node.text, node.type, this.environment.functions, node.position);
      case 'interval':
        return intervalLiteral(node);
      case 'parameter':
        return this.#parameter(node);
      case 'identifier':
        return this.#identifier(node);
      case 'unit':
        return literal('VARCHAR', node.unit, node.position);
      case 'operator':
        return this.#operator(node);
      case 'between':
        return this.#between(node);
      case 'in':
        return this.#in(node);
      case 'like':
        return this.#like(node);
      case 'is':
        return this.#is(node);
      case 'distinctFrom':
        return this.#distinctFrom(node);
      case 'case':
        return this.#case(node);
      case 'cast':
        return this.#cast(node);
      case 'call':
        return this.#call(node);
      case 'array':
        return this.#array(node);
      case 'subquery':
      case 'exists':
        return this.#subquery(node);
      case 'star':
        throw planError('* can only stand in a select list or in COUNT(*)', node.position);
      case 'row':
        throw planError('A row of values can only stand before IN', node.position);
    }
  }

  /** A condition: of type BOOLEAN. `clause` names it in the error. */
  condition(node: ast.ExpressionNode, clause: string): Rex {
    const rex = this.rex(node);
    if (rex.type === 'BOOLEAN') return rex;
    if (rex.type === 'NULL') return literal('BOOLEAN', null, rex.position);
    throw planError(`${clause} must be a condition, not ${rex.type}`, node.position);
  }

  get #functions() {
    return this.environment.functions;
  }

  #parameter({ index, position }: ast.ParameterNode): Rex {
    const value = this.environment.parameters[index];
    if (value === undefined) {
      throw planError(`Parameter ${index + 1} has no value; add it to "parameters"`, position);
    }
    return { ...value, position };
  }

  #identifier({ parts, position }: ast.IdentifierNode): Rex {
    const column = this.scope.find(parts, position);
    if (column !== null) return column;
    const alias = parts.length === 1 ? this.options.alias?.(parts[0]!) : null;
    if (alias)
      return new ExpressionAnalyser(this.environment, this.scope, withoutAlias(this.options)).rex(
        alias,
      );
    return this.scope.resolve(parts, position);
  }

  #operator({ operator, operands, position }: ast.OperatorNode): Rex {
    if (operator === 'AND' || operator === 'OR') {
      const fn = operator === 'AND' ? op.AND : op.OR;
      return simplify(
        callOf(
          fn,
          operands.map((node) => this.condition(node, operator)),
          position,
        ),
      );
    }
    if (operator === 'NOT') {
      return simplify(callOf(op.NOT, [this.condition(operands[0]!, 'NOT')], position));
    }
    const [left, right] = operands.map((node) => this.rex(node));
    if (right === undefined) return this.#negate(left!, position);
    const compare = COMPARISONS.get(operator);
    if (compare !== undefined) return this.#compare(compare, left!, right, position);
    if (operator === '||')
      return buildCall(op.CONCATENATE, [left!, right], this.#functions, position);
    const shifted = intervalArithmetic(operator, left!, right, this.#functions, position);
    if (shifted !== null) return refold(shifted);
    const numbers = [left!, right].map((rex) => this.#number(rex));
    return simplify(callOf(ARITHMETIC.get(operator)!, numbers, position));
  }

  #negate(rex: Rex, position: Position): Rex {
    if (rex.kind === 'literal' && rex.type.startsWith('INTERVAL')) {
      return { ...rex, value: -Number(rex.value) };
    }
    return simplify(callOf(op.NEGATE, [this.#number(rex)], position));
  }

  #number(rex: Rex): Rex {
    if (rex.type === 'VARCHAR') return refold(castTo(rex, numberTypeOf(rex), this.#functions));
    if (rex.type.endsWith(' ARRAY') || rex.type.startsWith('COMPLEX')) {
      throw planError(`Cannot calculate with ${rex.type}`, rex.position);
    }
    return rex;
  }

  #compare(fn: ScalarFunction, left: Rex, right: Rex, position: Position): Rex {
    return refold(comparison(fn, left, right, this.#functions, position));
  }

  #between(node: ast.BetweenNode): Rex {
    const { position, negated } = node;
    const [operand, low, high] = [node.operand, node.low, node.high].map((part) => this.rex(part));
    const range = (from: Rex, to: Rex): Rex =>
      simplify(
        callOf(
          op.AND,
          [
            this.#compare(op.GREATER_OR_EQUAL, operand!, from, position),
            this.#compare(op.LESS_OR_EQUAL, operand!, to, position),
          ],
          position,
        ),
      );
    const inside = node.symmetric
      ? simplify(callOf(op.OR, [range(low!, high!), range(high!, low!)], position))
      : range(low!, high!);
    return this.#negateIf(negated, inside);
  }

  #negateIf(negated: boolean, rex: Rex): Rex {
    return negated ? simplify(callOf(op.NOT, [rex], rex.position)) : rex;
  }

  #in(node: ast.InNode): Rex {
    const { position, negated, among } = node;
    if ('kind' in among) {
      const elements = node.operand.kind === 'row' ? node.operand.elements : [node.operand];
      const args = elements.map((element) => this.rex(element));
      const rel = this.options.query(among);
      if (rel.columns.length !== args.length) {
        throw planError(
          `IN compares ${args.length} values with ${rel.columns.length} columns`,
          position,
        );
      }
      const subquery: RexSubquery = {
        kind: 'subquery',
        mode: 'in',
        args,
        rel,
        type: 'BOOLEAN',
        position,
      };
      return this.#negateIf(negated, subquery);
    }
    const operand = this.rex(node.operand);
    return this.#negateIf(
      negated,
      this.inList(
        operand,
        among.map((value) => this.rex(value)),
        position,
      ),
    );
  }

  /** `operand IN (values)`: one call for constants of the operand's type, else a chain of comparisons. */
  inList(operand: Rex, values: readonly Rex[], position: Position): Rex {
    const pairs = values.map((value) => alike(operand, value, this.#functions));
    const same = pairs.every(([left, right]) => left === operand && right.kind === 'literal');
    if (same && pairs.length > 1 && operand.kind !== 'literal') {
      return simplify(callOf(op.IN, [operand, ...pairs.map(([, value]) => value)], position));
    }
    const equals = pairs.map(([left, right]) => refold(callOf(op.EQUALS, [left, right], position)));
    return simplify(callOf(op.OR, equals, position));
  }

  #like(node: ast.LikeNode): Rex {
    const parts = [
      node.operand,
      node.pattern,
      ...(node.escapedBy === null ? [] : [node.escapedBy]),
    ];
    const args = parts.map((part) => this.rex(part));
    return this.#negateIf(node.negated, buildCall(op.LIKE, args, this.#functions, node.position));
  }

  #is({ operand, test, negated, position }: ast.IsNode): Rex {
    const fns = {
      NULL: [op.IS_NULL, op.IS_NOT_NULL],
      TRUE: [op.IS_TRUE, op.IS_NOT_TRUE],
      FALSE: [op.IS_FALSE, op.IS_NOT_FALSE],
    }[test];
    const rex = test === 'NULL' ? this.rex(operand) : this.condition(operand, `IS ${test}`);
    return simplify(callOf(fns[negated ? 1 : 0]!, [rex], position));
  }

  #distinctFrom({ left, right, negated, position }: ast.DistinctFromNode): Rex {
    const fn = negated ? op.NOT_DISTINCT_FROM : op.DISTINCT_FROM;
    return this.#compare(fn, this.rex(left), this.rex(right), position);
  }

  #case(node: ast.CaseNode): Rex {
    const { position } = node;
    const operand = node.operand === null ? null : this.rex(node.operand);
    const whens = node.branches.map(({ when }) =>
      operand === null
        ? this.condition(when, 'WHEN')
        : this.#compare(op.EQUALS, operand, this.rex(when), position),
    );
    const results = node.branches.map(({ result }) => this.rex(result));
    const otherwise =
      node.otherwise === null ? literal('NULL', null, position) : this.rex(node.otherwise);
    const type = this.#common([...results, otherwise], position);
    const cast = (rex: Rex): Rex => refold(castTo(rex, type, this.#functions));
    const args = [...whens.flatMap((when, i) => [when, cast(results[i]!)]), cast(otherwise)];
    return simplify({ kind: 'call', fn: op.CASE, args, type, position });
  }

  #common(rexes: readonly Rex[], position: Position): SqlType {
    return rexes.reduce<SqlType>((type, rex) => {
      const next = commonType(type, rex.type);
      if (next === null) throw planError(`No common type of ${type} and ${rex.type}`, position);
      return next;
    }, 'NULL');
  }

  #cast({ operand, type: name, position }: ast.CastNode): Rex {
    const type = sqlTypeOf(name);
    if (type === null) throw planError(`Unknown type [${name}] in CAST`, position);
    return refold(castTo(this.rex(operand), type, this.#functions));
  }

  #array({ elements, position }: ast.ArrayNode): Rex {
    const args = elements.map((element) => this.rex(element));
    const type = arrayOf(this.#common(args, position));
    return simplify({ kind: 'call', fn: op.ARRAY, args, type, position });
  }

  #call(node: ast.CallNode): Rex {
    const { name, position } = node;
    if (AGGREGATE_FUNCTIONS.has(name)) return this.#aggregate(node);
    const fn = SCALAR_FUNCTIONS.get(name);
    if (fn === undefined) {
      const hint = didYouMean(name, [...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS.keys()]);
      throw planError(`No match found for function [${name}]${hint}`, position);
    }
    if (node.distinct || node.filter !== null) {
      throw planError(`DISTINCT and FILTER belong to aggregates, and ${name} is none`, position);
    }
    return buildCall(
      fn,
      node.operands.map((operand) => this.rex(operand)),
      this.#functions,
      position,
    );
  }

  #aggregate(node: ast.CallNode): Rex {
    const { name, position, distinct } = node;
    const fn = AGGREGATE_FUNCTIONS.get(name)!;
    const place = this.options.noAggregatesIn;
    if (place !== null) throw planError(`Aggregate ${name} cannot stand in ${place}`, position);
    if (distinct && !fn.takesDistinct) {
      throw new UnsupportedError(`${name}(DISTINCT …) is not supported`);
    }
    const options = { ...this.options, noAggregatesIn: 'an aggregate' };
    const inner = new ExpressionAnalyser(this.environment, this.scope, options);
    const starred =
      name === 'COUNT' && node.operands.length === 1 && node.operands[0]!.kind === 'star';
    const operands = starred ? [] : node.operands.map((operand) => inner.rex(operand));
    const args = castArguments(fn, operands, this.#functions, position);
    const filter = node.filter === null ? null : inner.condition(node.filter, 'FILTER');
    const type = fn.result(args);
    return {
      kind: 'aggregate',
      call: { fn, args, distinct, filter, type, position },
      type,
      position,
    };
  }

  #subquery({ kind, query, position }: ast.SubqueryNode): Rex {
    const rel = this.options.query(query);
    if (kind === 'exists') {
      return { kind: 'subquery', mode: 'exists', args: [], rel, type: 'BOOLEAN', position };
    }
    const [column, ...more] = rel.columns;
    if (column === undefined || more.length > 0) {
      throw planError(
        `A query used as a value must have one column, not ${rel.columns.length}`,
        position,
      );
    }
    return { kind: 'subquery', mode: 'scalar', args: [], rel, type: column.type, position };
  }
}

function withoutAlias(options: ExpressionOptions): ExpressionOptions {
  const { noAggregatesIn, query } = options;
  return { noAggregatesIn, query };
}

function literalOf({ type, value, position }: ast.LiteralNode): Rex {
  switch (type) {
    case 'string':
      return literal('VARCHAR', value as string, position);
    case 'integer':
      return literal('BIGINT', value as number | bigint, position);
    case 'decimal':
      return literal('DOUBLE', value as number, position);
    case 'boolean':
      return literal('BOOLEAN', value === true ? 1 : 0, position);
    case 'null':
      return literal('NULL', null, position);
  }
}
