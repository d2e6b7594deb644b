import {
  type ColumnReader,
  NULL_READER,
  parseExpression,
  type RowSource,
  type Value,
} from '../../../model/index.js';
import { isLiteral, literal, type Rex, type RexCall, type RexLiteral } from '../algebra/rex.js';
import { isComplex, isInterval } from '../algebra/types.js';
import { AND, CASE, CAST, NOT, OR } from '../functions/operators.js';
import { expressionText } from '../functions/text.js';

const NO_COLUMNS: RowSource = { column: (): ColumnReader => NULL_READER };

/**
 * The call with what is known already worked out: constant calls become literals, constant
 * branches of AND, OR and CASE go. Gives an expression of the same type and meaning.
 */
export function simplify(call: RexCall): Rex {
  if (call.fn === AND || call.fn === OR) return simplifyLogic(call);
  if (call.fn === CASE) return simplifyCase(call);
  if (call.args.some((arg) => arg.kind !== 'literal')) return call;
  return evaluate(call);
}

/** The expression rebuilt with `replace` applied to its leaves, simplified again on the way up. */
export function rebuild(rex: Rex, replace: (leaf: Rex) => Rex): Rex {
  if (rex.kind !== 'call') return replace(rex);
  let changed = false;
  const args = rex.args.map((arg) => {
    const next = rebuild(arg, replace);
    changed ||= next !== arg;
    return next;
  });
  return changed ? simplify({ ...rex, args }) : rex;
}

/** FALSE absorbs an AND and TRUE drops out of it; for OR the other way round. */
function simplifyLogic(call: RexCall): Rex {
  const { fn, position } = call;
  const neutral = fn === AND ? 1 : 0;
  const flat = call.args.flatMap((arg) =>
    arg.kind === 'call' && arg.fn === fn ? arg.args : [arg],
  );
  const args = flat.filter((arg) => !isLiteral(arg, neutral));
  if (args.some((arg) => isLiteral(arg, 1 - neutral)))
    return literal('BOOLEAN', 1 - neutral, position);
  if (args.length === 0) return literal('BOOLEAN', neutral, position);
  return args.length === 1 ? args[0]! : { ...call, args };
}

/** Branches that are never taken go; a branch that is always taken ends the list. */
function simplifyCase(call: RexCall): Rex {
  const kept: Rex[] = [];
  const { args } = call;
  for (let i = 0; i + 1 < args.length; i += 2) {
    const when = args[i]!;
    if (when.kind !== 'literal') {
      kept.push(when, args[i + 1]!);
    } else if (when.value === 1) {
      return kept.length === 0 ? args[i + 1]! : { ...call, args: [...kept, args[i + 1]!] };
    }
  }
  const otherwise = args.at(-1)!;
  return kept.length === 0 ? otherwise : { ...call, args: [...kept, otherwise] };
}

/** Runs a call whose arguments are all constant; one that fails is left for the query to report. */
function evaluate(call: RexCall): Rex {
  const { type, position } = call;
  if (isComplex(type) || isInterval(type)) return call;
  if (call.fn === CAST && call.args[0]!.type === 'NULL') return literal(type, null, position);
  if (call.fn === NOT) {
    const { value } = call.args[0] as RexLiteral;
    return literal(type, value === null ? null : 1 - Number(value), position);
  }
  try {
    const value = parseExpression(expressionText(call)).compile(NO_COLUMNS).get();
    return literal(type, toType(value, type), position);
  } catch {
    return call;
  }
}

/** A FLOAT is a double in the expression language. */
function toType(value: Value, type: RexCall['type']): Value {
  return type === 'FLOAT' && typeof value === 'number' ? Math.fround(value) : value;
}
