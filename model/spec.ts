import { z } from 'zod';
import {
  isJsonObject,
  type JsonObject,
  stringifyJson,
  UnsupportedError,
  UserError,
} from '../core/index.js';

/**
 * Reading the JSON specs of queries: as lenient as Druid (unknown keys are ignored, numbers stand
 * for text, `"true"` for true), and exact about what is wrong.
 */

/** Text; numbers and booleans are taken by their digits, as Jackson does. */
export const textSpec = z
  .union([z.string(), z.number(), z.bigint(), z.boolean()], { error: 'want a text' })
  .transform(String);

/** Text, or null when absent. */
export const optionalText = textSpec.nullish().transform((text) => text ?? null);

/** A boolean, also as text, with its default. */
export const flagSpec = (whenAbsent: boolean) =>
  z
    .union([z.boolean(), z.stringbool()], { error: 'want true or false' })
    .nullish()
    .transform((flag) => flag ?? whenAbsent);

/** A safe integer, also as text, with its default; null stands for "no default, absent". */
export const integerSpec = <D extends number | null>(whenAbsent: D) =>
  z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^[+-]?\d+$/, 'want an integer')
          .transform(Number),
      ],
      { error: 'want an integer' },
    )
    .nullish()
    .transform((value) => value ?? whenAbsent);

/** A name that must be there and not be empty. */
export const nameSpec = z.string({ error: 'must be given, as a text' }).min(1, 'must not be empty');

/** A piece of JSON, perhaps absent, that another parser reads. */
export const jsonSpec = z.unknown().optional();

/** Checks `json` against `schema`; throws one UserError that names every bad field and its value. */
export function readSpec<S extends z.ZodType>(
  schema: S,
  json: JsonObject,
  field: string,
): z.output<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const got = path.reduce<unknown>((at, key) => Object(at)[key], json);
    const shown = got === undefined ? 'nothing' : stringifyJson(got).slice(0, 60);
    return `${childField(field, path)}: ${message}; got ${shown}`;
  });
  const first = result.error.issues[0]?.path ?? [];
  throw new UserError(problems.join(' | '), 'query', childField(field, first));
}

function childField(field: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (at, key) =>
      typeof key === 'number' ? `${at}[${key}]` : at === '' ? String(key) : `${at}.${String(key)}`,
    field,
  );
}

/** Reads one type of a family; `parse` reads members of the same family below it. */
export type SpecReader<T> = (
  json: JsonObject,
  field: string,
  parse: (json: unknown, field: string) => T,
) => T;

/** Specs that share a role and are told apart by `type`. */
export interface SpecFamily<T> {
  /** Druid's name of the role, for messages. */
  readonly role: string;
  readonly types: ReadonlyMap<string, SpecReader<T>>;
  /** Types that Druid has and we have not: what to use instead. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Turns a shorthand (such as a bare column name) into its full form. */
  readonly expand?: (json: unknown) => unknown;
}

/** Reads a spec of the family, throwing a UserError (or UnsupportedError for a refused type) that names `field`. */
export function parseOneOf<T>(family: SpecFamily<T>, source: unknown, field: string): T {
  const json = family.expand?.(source) ?? source;
  if (!isJsonObject(json)) {
    const shown = json === undefined ? 'nothing' : stringifyJson(json).slice(0, 60);
    throw new UserError(`${field}: want an object with a "type"; got ${shown}`, 'query', field);
  }
  const { type } = json;
  const reader = typeof type === 'string' ? family.types.get(type) : undefined;
  if (reader !== undefined) {
    return reader(json, field, (child, childPath) => parseOneOf(family, child, childPath));
  }
  const remedy = typeof type === 'string' ? family.refused?.get(type) : undefined;
  if (remedy !== undefined) {
    throw new UnsupportedError(`${field}: type '${String(type)}' is not supported: ${remedy}`, {
      field,
    });
  }
  throw new UserError(`${field}: ${unknownType(family, type)}`, 'query', `${field}.type`);
}

function unknownType<T>(family: SpecFamily<T>, type: unknown): string {
  const known = `known type ids = [${[...family.types.keys()].sort().join(', ')}]`;
  return type === undefined || type === null
    ? `missing type id property 'type' of a \`${family.role}\`: ${known}`
    : `Could not resolve type id '${typeof type === 'string' ? type : stringifyJson(type)}' as a subtype of \`${family.role}\`: ${known}`;
}

/** Reads each element of a list that may be absent; `field` names the list. */
export function parseEach<T>(
  json: unknown,
  field: string,
  parse: (json: unknown, field: string) => T,
): T[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) {
    throw new UserError(
      `${field}: want a list; got ${stringifyJson(json).slice(0, 60)}`,
      'query',
      field,
    );
  }
  return json.map((element: unknown, index) => parse(element, `${field}[${index}]`));
}

/** Throws unless every name in the list is there and used once. */
export function checkNames(named: readonly { readonly name: string }[], field: string): void {
  const seen = new Set<string>();
  for (const [index, { name }] of named.entries()) {
    if (name === '') {
      throw new UserError(
        `${field}[${index}].name: must be given`,
        'query',
        `${field}[${index}].name`,
      );
    }
    if (seen.has(name)) {
      throw new UserError(
        `${field}[${index}].name: [${name}] already defined; give it another name`,
        'query',
        `${field}[${index}].name`,
      );
    }
    seen.add(name);
  }
}

/** The distinct texts, in order of first appearance. */
export const distinct = (texts: Iterable<string>): string[] => [...new Set(texts)];

const NamedSchema = z.object({ name: nameSpec });

/** The `name` of a spec; throws a UserError when there is none. */
export const nameOf = (json: JsonObject, field: string): string =>
  readSpec(NamedSchema, json, field).name;
