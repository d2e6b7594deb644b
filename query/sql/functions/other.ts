import type { Rex } from '../algebra/rex.js';
import { nativeType, type SqlType, sqlTypeOf } from '../algebra/types.js';
import { type ScalarFunction, scalar } from './definition.js';
import { stringText } from './text.js';

const json = (name: string, takes: string, native: string, doc: string) =>
  scalar(name, takes, 'COMPLEX<json>', native, doc);

/** The type JSON_VALUE returns: VARCHAR unless RETURNING names another. */
function returningType(args: readonly Rex[]): SqlType {
  const named = args[2];
  const name = named?.kind === 'literal' && typeof named.value === 'string' ? named.value : '';
  return sqlTypeOf(name) ?? 'VARCHAR';
}

/** Functions on JSON columns and IP addresses. */
export const OTHER: readonly ScalarFunction[] = [
  scalar(
    'JSON_VALUE',
    'any string! string?!',
    returningType,
    ([x, path], { type }) => `json_value(${x}, ${path}, ${stringText(nativeType(type))})`,
    'The literal at a JSON path, as VARCHAR unless RETURNING names a type.',
  ),
  json('JSON_QUERY', 'any string!', 'json_query', 'The part at a JSON path.'),
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
  scalar(
    'IPV4_MATCH',
    'any string!',
    'BOOLEAN',
    'ipv4_match',
    'Whether an IPv4 address is in a subnet.',
  ),
  scalar('IPV4_PARSE', 'any', 'BIGINT', 'ipv4_parse', 'Dotted text to number.'),
  scalar('IPV4_STRINGIFY', 'any', 'VARCHAR', 'ipv4_stringify', 'Number to dotted text.'),
  scalar(
    'IPV6_MATCH',
    'string string!',
    'BOOLEAN',
    'ipv6_match',
    'Whether an IPv6 address is in a subnet.',
  ),
];
