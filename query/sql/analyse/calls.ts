import { parseLong } from '../../../core/index.js';
import type { Rex } from '../algebra/rex.js';
import { isComplex, isTime } from '../algebra/types.js';
import { castTo } from '../functions/cast.js';
import type {
  AggregateFunction,
  FunctionContext,
  Parameter,
  ParameterKind,
  ScalarFunction,
} from '../functions/definition.js';
import { signature } from '../functions/definition.js';
import { type Position, planError } from '../position.js';
import { simplify } from './simplify.js';

/** The call of a scalar function: arguments counted, cast and checked, synonyms written out, constants folded. */
export function buildCall(
  fn: ScalarFunction,
  args: readonly Rex[],
  context: FunctionContext,
  position: Position,
): Rex {
  const cast = castArguments(fn, args, context, position);
  if (fn.expand !== undefined) return refold(fn.expand(cast, context, position));
  return simplify({ kind: 'call', fn, args: cast, type: fn.result(cast), position });
}

/** Folds the calls that an expansion or a cast has put together. */
export function refold(rex: Rex): Rex {
  if (rex.kind !== 'call') return rex;
  return simplify({ ...rex, args: rex.args.map(refold) });
}

/** The arguments cast to what the parameters take. Throws for a wrong number or one that must be constant. */
export function castArguments(
  fn: ScalarFunction | AggregateFunction,
  args: readonly Rex[],
  context: FunctionContext,
  position: Position,
): Rex[] {
  const { parameters } = fn;
  const required = parameters.filter(({ optional }) => !optional).length;
  const unbounded = parameters.at(-1)?.repeated ?? false;
  if (args.length < required || (args.length > parameters.length && !unbounded)) {
    const message = `Invalid number of arguments to function '${fn.name}': got ${args.length}, want ${signature(fn)}`;
    throw planError(message, position);
  }
  return args.map((arg, i) => {
    const parameter = parameters[i] ?? parameters.at(-1)!;
    checkPlain(fn.name, arg, parameter);
    const cast = refold(castArgument(arg, parameter.kind, context));
    checkConstant(fn.name, cast, parameter, i);
    return cast;
  });
}

/** JSON is cast, and a value with its time stands for the value. */
const STANDS_FOR_VALUES = /^COMPLEX<(json|serializablePair\w+)>$/;

/** Throws where a sketch stands for a plain value. */
function checkPlain(name: string, { type, position }: Rex, { kind }: Parameter): void {
  if (kind === 'any' || !isComplex(type) || STANDS_FOR_VALUES.test(type)) return;
  throw planError(`${name} does not take ${type}; use a function of such sketches`, position);
}

function checkConstant(name: string, arg: Rex, { constant }: Parameter, index: number): void {
  if (constant && arg.kind !== 'literal') {
    throw planError(`Argument ${index + 1} of function '${name}' must be a literal`, arg.position);
  }
}

function castArgument(rex: Rex, kind: ParameterKind, context: FunctionContext): Rex {
  const { type } = rex;
  if (type === 'NULL') return rex;
  switch (kind) {
    case 'string':
      return ['BIGINT', 'DOUBLE', 'FLOAT', 'BOOLEAN', 'TIMESTAMP', 'DATE'].includes(type)
        ? castTo(rex, 'VARCHAR', context)
        : rex;
    case 'number':
      return type === 'VARCHAR' ? castTo(rex, numberTypeOf(rex), context) : rex;
    case 'integer':
      return type === 'BIGINT' || isTime(type) ? rex : castTo(rex, 'BIGINT', context);
    case 'time':
      return isTime(type) ? rex : castTo(rex, 'TIMESTAMP', context);
    default:
      return rex;
  }
}

/** Text in arithmetic: a whole number when it is a constant that says so, else a double. */
export function numberTypeOf(rex: Rex): 'BIGINT' | 'DOUBLE' {
  const whole =
    rex.kind === 'literal' && typeof rex.value === 'string' && parseLong(rex.value.trim()) !== null;
  return whole ? 'BIGINT' : 'DOUBLE';
}
