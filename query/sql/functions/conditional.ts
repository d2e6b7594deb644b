import type { Rex } from '../algebra/rex.js';
import { literal } from '../algebra/rex.js';
import { commonType, type SqlType } from '../algebra/types.js';
import { castTo } from './cast.js';
import { comparison } from './comparison.js';
import { macro, type ScalarFunction, scalar } from './definition.js';
import { CASE, EQUALS } from './operators.js';

const common = (args: readonly Rex[]): SqlType =>
  args.map(({ type }) => type).reduce((a, b) => commonType(a, b) ?? 'VARCHAR');

export const COALESCE = scalar(
  'COALESCE',
  'any any*',
  common,
  (args) => (args.length === 2 ? `nvl(${args.join(', ')})` : `coalesce(${args.join(', ')})`),
  'The first argument that is not NULL.',
);

/** COALESCE with every argument cast to their common type. */
const coalesce: ScalarFunction['expand'] = (args, context, position) => {
  const type = common(args);
  return {
    kind: 'call',
    fn: COALESCE,
    args: args.map((arg) => castTo(arg, type, context)),
    type,
    position,
  };
};

export const CONDITIONAL: readonly ScalarFunction[] = [
  macro('COALESCE', 'any any*', coalesce, COALESCE.doc),
  macro('NVL', 'any any', coalesce, 'y when x is NULL.'),
  macro(
    'NULLIF',
    'any any',
    ([x, y], context, position) => {
      const equal = comparison(EQUALS, x!, y!, context, position);
      const args = [equal, literal(x!.type, null, position), x!];
      return { kind: 'call', fn: CASE, args, type: x!.type, position };
    },
    'NULL when x equals y, else x.',
  ),
];
