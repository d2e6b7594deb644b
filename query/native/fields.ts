import { z } from 'zod';
import { type JsonObject, stringifyJson, UserError } from '../../core/index.js';

/** Fields of query JSON, read as leniently as Druid reads them: texts may stand for booleans and integers. */

export const isAbsent = (json: unknown): json is null | undefined =>
  json === undefined || json === null;

/** `filter` under `dataSource.query` is `dataSource.query.filter`. */
export const childField = (parent: string, name: string): string =>
  parent === '' ? name : `${parent}.${name}`;

const asSafeInteger = (value: bigint): number =>
  Number(
    value > BigInt(Number.MAX_SAFE_INTEGER)
      ? Number.MAX_SAFE_INTEGER
      : value < BigInt(Number.MIN_SAFE_INTEGER)
        ? Number.MIN_SAFE_INTEGER
        : value,
  );

/** An integer, or null when absent; one beyond 2^53 is clamped, since it can only mean "no limit". */
export const integerField = z
  .union(
    [
      z.int(),
      z.bigint().transform(asSafeInteger),
      z
        .string()
        .regex(/^[+-]?\d+$/)
        .transform((text) => asSafeInteger(BigInt(text.replace('+', '')))),
    ],
    { error: 'want an integer' },
  )
  .nullish()
  .transform((value) => value ?? null);

export const flagField = (whenAbsent: boolean) =>
  z
    .union(
      [
        z.boolean(),
        z
          .string()
          .regex(/^(true|false)$/i)
          .transform((text) => text.toLowerCase() === 'true'),
      ],
      { error: 'want true or false' },
    )
    .nullish()
    .transform((value) => value ?? whenAbsent);

export const textField = z.string({ error: 'want a text' }).min(1, 'must not be empty');

export const optionalTextField = z
  .string({ error: 'want a text' })
  .nullish()
  .transform((value) => value ?? null);

export const namesField = z
  .array(z.string({ error: 'want a text' }), { error: 'want a list of texts' })
  .nullish()
  .transform((value) => value ?? []);

/** One of the given words in any case, with a default. */
export const wordField = <const W extends string>(words: readonly W[], whenAbsent: W) =>
  z
    .string({ error: `want one of ${words.join(', ')}` })
    .nullish()
    .transform((text, check): W => {
      if (text === null || text === undefined) return whenAbsent;
      const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
      if (found !== undefined) return found;
      check.addIssue({ code: 'custom', message: `want one of ${words.join(', ')}` });
      return z.NEVER;
    });

/** Reads the fields of `schema`, ignoring others; one UserError names every bad field and its value. */
export function readFields<S extends z.ZodType>(
  schema: S,
  json: JsonObject,
  field: string,
): z.output<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const name = (path: readonly PropertyKey[]) =>
    path.reduce<string>(
      (at, key) => (typeof key === 'number' ? `${at}[${key}]` : childField(at, String(key))),
      field,
    );
  const problems = result.error.issues.map(({ path, message }) => {
    const got = path.reduce<unknown>((at, key) => Object(at)[key], json);
    return `${name(path)}: ${message}; got ${shown(got)}`;
  });
  throw new UserError(problems.join(' | '), 'query', name(result.error.issues[0]?.path ?? []));
}

/** A piece of JSON as a message shows it. */
export const shown = (json: unknown): string =>
  json === undefined ? 'nothing' : stringifyJson(json).slice(0, 60);

/** A UserError about one field of a query. */
export const badField = (field: string, message: string): UserError =>
  new UserError(`${field}: ${message}`, 'query', field);
