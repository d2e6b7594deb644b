import type { Long } from '../../../core/index.js';
import type { Position } from '../position.js';

/**
 * The syntax tree, as written: names are not resolved, types not known. Every node says where it
 * starts. Special call forms are already plain calls: `TRIM(LEADING 'x' FROM s)` is LTRIM(s, 'x'),
 * `POSITION(a IN s)` is POSITION(a, s), `FLOOR(t TO DAY)` is FLOOR(t, <unit DAY>).
 */
interface Node {
  readonly position: Position;
}

export interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly type: 'string' | 'integer' | 'decimal' | 'boolean' | 'null';
  readonly value: string | Long | boolean | null;
}

/** TIMESTAMP '…' and DATE '…'. */
interface TemporalNode extends Node {
  readonly kind: 'temporal';
  readonly type: 'TIMESTAMP' | 'DATE';
  readonly text: string;
}

/** INTERVAL '1 02:03' DAY TO MINUTE. `to` is null for a single unit. */
export interface IntervalNode extends Node {
  readonly kind: 'interval';
  readonly text: string;
  readonly from: string;
  readonly to: string | null;
}

export interface ParameterNode extends Node {
  readonly kind: 'parameter';
  readonly index: number;
}

export interface IdentifierNode extends Node {
  readonly kind: 'identifier';
  readonly parts: readonly string[];
}

/** `*` or `t.*`: in a select list, or as the argument of COUNT. */
interface StarNode extends Node {
  readonly kind: 'star';
  readonly qualifier: readonly string[];
}

/** A time unit in capitals, as in FLOOR(t TO DAY) or TIMESTAMPADD(DAY, 1, t). */
interface UnitNode extends Node {
  readonly kind: 'unit';
  readonly unit: string;
}

/** Operators: `+ - * / % || = <> < <= > >=` with two operands, AND and OR with two or more, `NOT -` with one. */
export interface OperatorNode extends Node {
  readonly kind: 'operator';
  readonly operator: string;
  /** Grows while a chain of AND or OR is parsed, and never afterwards. */
  readonly operands: ExpressionNode[];
}

export interface BetweenNode extends Node {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly operand: ExpressionNode;
  readonly low: ExpressionNode;
  readonly high: ExpressionNode;
}

export interface InNode extends Node {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly among: readonly ExpressionNode[] | QueryNode;
}

export interface LikeNode extends Node {
  readonly kind: 'like';
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly pattern: ExpressionNode;
  readonly escapedBy: ExpressionNode | null;
}

/** x IS [NOT] NULL | TRUE | FALSE | UNKNOWN. */
export interface IsNode extends Node {
  readonly kind: 'is';
  readonly negated: boolean;
  readonly operand: ExpressionNode;
  readonly test: 'NULL' | 'TRUE' | 'FALSE';
}

/** x IS [NOT] DISTINCT FROM y. */
export interface DistinctFromNode extends Node {
  readonly kind: 'distinctFrom';
  readonly negated: boolean;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
}

export interface CaseNode extends Node {
  readonly kind: 'case';
  /** The value compared, in CASE x WHEN 1 …; null in CASE WHEN condition …. */
  readonly operand: ExpressionNode | null;
  readonly branches: readonly { readonly when: ExpressionNode; readonly result: ExpressionNode }[];
  readonly otherwise: ExpressionNode | null;
}

export interface CastNode extends Node {
  readonly kind: 'cast';
  readonly operand: ExpressionNode;
  /** Type name in capitals, such as `VARCHAR` or `BIGINT ARRAY`. */
  readonly type: string;
}

export interface CallNode extends Node {
  readonly kind: 'call';
  /** In capitals. */
  readonly name: string;
  readonly distinct: boolean;
  readonly operands: readonly ExpressionNode[];
  readonly filter: ExpressionNode | null;
}

export interface ArrayNode extends Node {
  readonly kind: 'array';
  readonly elements: readonly ExpressionNode[];
}

/** (a, b) on the left of IN. */
interface RowNode extends Node {
  readonly kind: 'row';
  readonly elements: readonly ExpressionNode[];
}

/** A query used as a value, or tested by EXISTS. */
export interface SubqueryNode extends Node {
  readonly kind: 'subquery' | 'exists';
  readonly query: QueryNode;
}

export type ExpressionNode =
  | LiteralNode
  | TemporalNode
  | IntervalNode
  | ParameterNode
  | IdentifierNode
  | StarNode
  | UnitNode
  | OperatorNode
  | BetweenNode
  | InNode
  | LikeNode
  | IsNode
  | DistinctFromNode
  | CaseNode
  | CastNode
  | CallNode
  | ArrayNode
  | RowNode
  | SubqueryNode;

export interface SelectItemNode extends Node {
  readonly expression: ExpressionNode;
  readonly alias: string | null;
}

export interface TableNode extends Node {
  readonly kind: 'table';
  /** `foo`, `druid.foo` or `druid.druid.foo`, outermost first. */
  readonly path: readonly string[];
  readonly alias: string | null;
  readonly columns: readonly string[] | null;
}

interface DerivedTableNode extends Node {
  readonly kind: 'derived';
  readonly query: QueryNode;
  readonly alias: string | null;
  readonly columns: readonly string[] | null;
}

export interface JoinNode extends Node {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
  readonly left: FromNode;
  readonly right: FromNode;
  readonly on: ExpressionNode | null;
}

export type FromNode = TableNode | DerivedTableNode | JoinNode;

/** One element of GROUP BY: an expression, or sets of lists of expressions. */
export type GroupItemNode = ExpressionNode | GroupingSetsNode;

interface GroupingSetsNode extends Node {
  readonly kind: 'groupingSets';
  /** ROLLUP and CUBE are already written out as sets. */
  readonly sets: readonly (readonly ExpressionNode[])[];
}

export interface SelectNode extends Node {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItemNode[];
  readonly from: FromNode | null;
  readonly where: ExpressionNode | null;
  /** null without GROUP BY; empty for GROUP BY (). */
  readonly groupBy: readonly GroupItemNode[] | null;
  readonly having: ExpressionNode | null;
}

export interface ValuesNode extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly ExpressionNode[])[];
}

export interface UnionNode extends Node {
  readonly kind: 'union';
  readonly queries: readonly QueryNode[];
}

export interface OrderItemNode extends Node {
  readonly expression: ExpressionNode;
  readonly descending: boolean;
  readonly nullsFirst: boolean | null;
}

/** A query with what stands around its body. */
export interface QueryNode extends Node {
  readonly kind: 'query';
  readonly with: readonly CommonTableNode[];
  readonly body: SelectNode | ValuesNode | UnionNode | QueryNode;
  readonly orderBy: readonly OrderItemNode[];
  readonly limit: ExpressionNode | null;
  readonly offset: ExpressionNode | null;
}

export interface CommonTableNode extends Node {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly query: QueryNode;
}

export interface StatementNode {
  readonly explain: boolean;
  readonly query: QueryNode;
  /** Context set by leading `SET key = value;` statements. */
  readonly context: ReadonlyMap<string, string | Long | boolean | null>;
  /** How many `?` there are. */
  readonly parameterCount: number;
}
