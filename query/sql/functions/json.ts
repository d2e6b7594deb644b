import type { Rex } from '../algebra/rex.js';
import { nativeType, type SqlType, sqlTypeOf } from '../algebra/types.js';
import { planError } from '../position.js';
import { type ScalarFunction, scalar } from './definition.js';
import { stringText } from './text.js';

const json = (name: string, takes: string, native: string, doc: string) =>
  scalar(name, takes, 'COMPLEX<json>', native, doc);

/** VARCHAR unless RETURNING names another type. */
function returningType([, , named]: readonly Rex[]): SqlType {
  if (named?.kind !== 'literal' || named.value === null) return 'VARCHAR';
  const type = sqlTypeOf(String(named.value).toUpperCase());
  if (type !== null) return type;
  throw planError(`Unknown type [${String(named.value)}] in RETURNING`, named.position);
}

/** Functions know no FLOAT; the column that holds the result rounds. */
const typeText = (type: SqlType): string =>
  stringText(type === 'FLOAT' ? 'DOUBLE' : nativeType(type));

export const JSON_VALUE: ScalarFunction = scalar(
  'JSON_VALUE',
  'any string! string?!',
  returningType,
  ([x, path], { type }) => `json_value(${x}, ${path}, ${typeText(type)})`,
  'The literal at a JSON path, as VARCHAR unless RETURNING names a type.',
);

export const JSON_MATCH: ScalarFunction = scalar(
  'JSON_MATCH',
  'any string!',
  'BOOLEAN',
  'json_match',
  `Whether JSON has all of '"$.a[*].b" = 1 AND "$.c" IS NOT NULL', that of a list in one element of it.`,
);

/** Functions on JSON columns. */
export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  JSON_VALUE,
  JSON_MATCH,
  json('JSON_QUERY', 'any string!', 'json_query', 'The part at a JSON path.'),
  json(
    'JSON_QUERY_ARRAY',
    'any string!',
    'json_query_array',
    'The list at a JSON path; anything else as a list of one.',
  ),
  json('JSON_OBJECT', 'any*', 'json_object', 'An object of keys and values.'),
  json('JSON_MERGE', 'any any*', 'json_merge', 'Objects merged; later keys win.'),
  json('PARSE_JSON', 'string', 'parse_json', 'Text to JSON; bad text is an error.'),
  json('TRY_PARSE_JSON', 'string', 'try_parse_json', 'Text to JSON; bad text is NULL.'),
  scalar(
    'JSON_KEYS',
    'any string!',
    'VARCHAR ARRAY',
    'json_keys',
    'The keys of the object at a path.',
  ),
  scalar('JSON_PATHS', 'any', 'VARCHAR ARRAY', 'json_paths', 'The paths of all literals.'),
  scalar('TO_JSON_STRING', 'any', 'VARCHAR', 'to_json_string', 'JSON as text.'),
];
