import { parseJson, UserError } from '../../../core/index.js';
import { emptyJsonMap, isJsonMap, Json, type JsonValue, toJsonValue } from '../../json/json.js';
import { jsonMatcher, parseJsonMatch, readConditions } from '../../json/json-match.js';
import { type JsonPath, jsonPathText, parseJsonPath } from '../../json/json-path.js';
import { jsonAt, scalarPaths } from '../../json/json-walk.js';
import {
  type ArrayType,
  isComplexType,
  JSON_TYPE,
  type ScalarType,
  type Value,
} from '../../types.js';
import { jsonCaster } from '../cast.js';
import { asText } from '../coerce.js';
import type { Operand } from '../operand.js';
import { castTarget } from './cast-target.js';
import {
  callError,
  define,
  type FunctionDefinition,
  literalText,
  neededText,
} from './definition.js';

/** The JSON functions. Whatever is no JSON column counts as the JSON value that it is: a text is a text, and is not parsed. */

const first = (index: number): boolean => index === 0;

/** Reads the argument as JSON; null stays null. */
function jsonOf({ type, get }: Operand): () => JsonValue {
  if (type === JSON_TYPE) return () => (get() as Json | null)?.value ?? null;
  if (type !== null && isComplexType(type)) return () => null;
  return () => toJsonValue(get());
}

function pathOf(name: string, args: readonly Operand[]): JsonPath {
  return parseJsonPath(neededText(name, args, 1, 'a path such as $.a[0]'), `Function[${name}]`);
}

/** A function of JSON, null for null. */
const ofJson = (
  usage: string,
  doc: string,
  resultType: 'STRING' | 'ARRAY<STRING>' | typeof JSON_TYPE,
  evaluate: (value: JsonValue) => Value,
): FunctionDefinition =>
  define({
    usage,
    doc,
    takesArray: first,
    resultType: () => resultType,
    compile: ([arg]) => {
      const json = jsonOf(arg!);
      return () => {
        const value = json();
        return value === null ? null : evaluate(value);
      };
    },
  });

/** A function of what lies at a path of JSON, null where nothing does. */
const atPath = (
  name: string,
  rest: string,
  doc: string,
  resultType: (args: readonly Operand[]) => ScalarType | ArrayType | typeof JSON_TYPE,
  evaluate: (args: readonly Operand[]) => (value: JsonValue) => Value,
): FunctionDefinition =>
  define({
    usage: `${name}(json, path${rest})`,
    doc,
    takesArray: first,
    resultType,
    compile: (args) => {
      const path = pathOf(name, args);
      const json = jsonOf(args[0]!);
      const found = evaluate(args);
      return () => {
        const value = jsonAt(json(), path);
        return value === null ? null : found(value);
      };
    },
  });

/** STRING where none is given. */
function valueType(args: readonly Operand[]): ScalarType | ArrayType {
  const name = literalText('json_value', args, 2, 'the type');
  return name === null ? 'STRING' : castTarget('json_value', name);
}

const parsing = (usage: string, doc: string, refused: (error: UserError) => null) =>
  define({
    usage,
    doc,
    resultType: () => JSON_TYPE,
    compile: ([arg]) => {
      if (arg!.type === JSON_TYPE) return arg!.get;
      const text = asText(arg!);
      return () => {
        const json = text();
        if (json === null) return null;
        try {
          return Json.of(toJsonValue(parseJson(json)));
        } catch (error) {
          if (error instanceof UserError) return refused(error);
          throw error;
        }
      };
    },
  });

/** Keys and values in turn. */
function jsonObject(args: readonly Operand[]): () => Value {
  if (args.length % 2 === 1) throw callError('json_object', 'needs a value for every key');
  const keys = args.filter((_, i) => i % 2 === 0).map(asText);
  const values = args.filter((_, i) => i % 2 === 1).map(jsonOf);
  return () => {
    const object = emptyJsonMap();
    for (const [i, key] of keys.entries()) {
      const name = key();
      if (name === null) throw callError('json_object', `has null as key ${i + 1}`);
      object[name] = values[i]!();
    }
    return Json.of(object);
  };
}

function jsonMerge(args: readonly Operand[]): () => Value {
  const readers = args.map(jsonOf);
  return () => {
    const merged = emptyJsonMap();
    for (const read of readers) {
      const given = read();
      if (given === null) return null;
      const value = typeof given === 'string' ? toJsonValue(parseJson(given)) : given;
      if (!isJsonMap(value)) throw callError('json_merge', 'takes objects');
      for (const key of Object.keys(value)) merged[key] = value[key]!;
    }
    return Json.of(merged);
  };
}

export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  atPath(
    'json_value',
    ', [type]',
    "the scalar at a path such as '$.a[0]', or the list of scalars, as a value of the type, STRING by default; null for anything else",
    valueType,
    (args) => jsonCaster(valueType(args)),
  ),
  atPath(
    'json_query',
    '',
    'what lies at the path, as JSON',
    () => JSON_TYPE,
    () => Json.of,
  ),
  atPath(
    'json_query_array',
    '',
    'the list that lies at the path, as JSON; anything else as a list of one',
    () => JSON_TYPE,
    () => (value) => Json.of(Array.isArray(value) ? value : [value]),
  ),
  atPath(
    'json_keys',
    '',
    'the keys of the object at the path; null where there is none',
    () => 'ARRAY<STRING>',
    () => (value) => (isJsonMap(value) ? Object.keys(value) : null),
  ),
  define({
    usage: 'json_match(json, conditions)',
    doc: `whether it has all that conditions such as '"$.items[*].sku" = ''a'' AND "$.at" IS NOT NULL' ask for, those on a list in one element of it`,
    takesArray: first,
    resultType: () => 'LONG',
    compile: (args) => {
      const field = 'Function[json_match]';
      const text = neededText('json_match', args, 1, 'conditions');
      const matches = jsonMatcher(readConditions(parseJsonMatch(text, field), field));
      const json = jsonOf(args[0]!);
      return () => {
        const value = json();
        return value === null ? null : Number(matches(value));
      };
    },
  }),
  ofJson('json_paths(json)', 'the paths of all scalars in it', 'ARRAY<STRING>', (value) =>
    scalarPaths(value).map(jsonPathText),
  ),
  ofJson(
    'to_json_string(x)',
    'x as the text of JSON',
    'STRING',
    (value) => Json.of(value)?.text ?? null,
  ),
  parsing('parse_json(text)', 'the JSON that the text is; an error where it is none', (error) => {
    throw callError('parse_json', error.message);
  }),
  parsing('try_parse_json(text)', 'the JSON that the text is; null where it is none', () => null),
  define({
    usage: 'json_object(…)',
    doc: 'an object of keys and values, which come in turn',
    takesArray: (index) => index % 2 === 1,
    resultType: () => JSON_TYPE,
    compile: jsonObject,
  }),
  define({
    usage: 'json_merge(object, …)',
    doc: 'an object with the members of all objects, or texts of objects; of members with one key the last counts',
    takesArray: () => true,
    resultType: () => JSON_TYPE,
    compile: jsonMerge,
  }),
];
