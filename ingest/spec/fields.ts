import { z } from 'zod';
import { isJsonObject, type JsonObject, stringifyJson, UserError } from '../../core/index.js';

/**
 * Reading the JSON of tasks as leniently as Druid does: unknown keys are ignored, `null` is the same
 * as absent, numbers and booleans may come as text.
 */

/** A text that must be there and not be empty. */
export const requiredText = z
  .string({ error: 'must be given, as text' })
  .min(1, 'must not be empty');

/** A text with its default. */
export const textField = <D extends string | null>(whenAbsent: D) =>
  z
    .string({ error: 'want a text' })
    .nullish()
    .transform((text) => text ?? whenAbsent);

/** A boolean, also as text, with its default. */
export const flagField = <D extends boolean | null>(whenAbsent: D) =>
  z
    .union([z.boolean(), z.stringbool()], { error: 'want true or false' })
    .nullish()
    .transform((flag) => flag ?? whenAbsent);

/** An integer of at least `min`, also as text, with its default. */
export const countField = <D extends number | null>(whenAbsent: D, min: number) =>
  z
    .union(
      [
        z.int().min(min, `want an integer of ${min} or more`),
        z
          .string()
          .regex(/^[+-]?\d{1,15}$/)
          .transform(Number)
          .refine((n) => n >= min),
      ],
      { error: `want an integer of ${min} or more` },
    )
    .nullish()
    .transform((count) => count ?? whenAbsent);

/** A list of texts that are not empty; absent is empty. */
export const textsField = z
  .array(z.string({ error: 'want a text' }).min(1, 'must not be empty'), {
    error: 'want a list of texts',
  })
  .nullish()
  .transform((texts) => texts ?? []);

/** A piece of JSON, perhaps absent, that another parser reads. */
export const jsonField = z.unknown().optional();

/** Members of our own, which Druid has not: unknown ones are refused, since nobody else writes these. */
export const settings = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `want only ${Object.keys(shape).join(', ')}` : undefined,
  });

/** `json` as an object; throws UserError naming `field`. */
export function readObject(json: unknown, field: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw new UserError(`${field || 'body'}: want an object; got ${shown(json)}`, 'spec', field);
}

/** Checks an object against `schema`; throws one UserError that names every bad field and its value. */
export function readFields<S extends z.ZodType>(
  schema: S,
  json: unknown,
  field: string,
): z.output<S> {
  const object = readObject(json, field);
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const got = path.reduce<unknown>((at, key) => Object(at)[key], object);
    return `${pathOf(field, path)}: ${message}; got ${shown(got)}`;
  });
  const first = result.error.issues[0]?.path ?? [];
  throw new UserError(problems.join(' | '), 'spec', pathOf(field, first));
}

/** A JSON value for a message: short, `nothing` when absent. */
export const shown = (json: unknown): string =>
  json === undefined ? 'nothing' : stringifyJson(json).slice(0, 60);

/** The path of a member; the document itself has the path ''. */
export const pathTo = (field: string, name: string): string =>
  field === '' ? name : `${field}.${name}`;

function pathOf(field: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (at, key) => (typeof key === 'number' ? `${at}[${key}]` : pathTo(at, String(key))),
    field,
  );
}

/**
 * The entry of `readers` that `json.type` names. Throws UserError for an unknown type, listing what
 * there is, and for the types of Druid that are not built yet, with what to use `instead`.
 */
export function readerOfType<T>(
  role: string,
  json: JsonObject,
  field: string,
  readers: ReadonlyMap<string, T>,
  notBuilt: ReadonlySet<string>,
  instead?: string,
): T {
  const { type } = json;
  const reader = typeof type === 'string' ? readers.get(type) : undefined;
  if (reader !== undefined) return reader;
  const known = [...readers.keys()].join(', ');
  const why =
    typeof type === 'string' && notBuilt.has(type)
      ? `the ${role} type '${type}' is not built yet; ${instead ?? `use one of ${known}`}`
      : `want the type of the ${role}, one of ${known}; got ${shown(type)}`;
  const path = pathTo(field, 'type');
  throw new UserError(`${path}: ${why}`, 'spec', path);
}
