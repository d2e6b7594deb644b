import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isJsonObject, type JsonObject, parseJson, UserError } from '../../core/index.js';
import { tooLarge } from './errors.js';

/** Refuses bodies of more than `maxBytes`, as the setting `name` has it. */
export function limitBody(maxBytes: number, name: string): MiddlewareHandler {
  const refuse = (): never => {
    throw tooLarge(maxBytes, name);
  };
  const counted = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return (context, next) => {
    const length = context.req.header('content-length');
    // Only what comes without a length has to be counted as it comes.
    if (length === undefined || context.req.header('transfer-encoding') !== undefined) {
      return counted(context, next);
    }
    return Number(length) > maxBytes ? refuse() : next();
  };
}

/** The request body as a JSON object, 64-bit integers intact. Throws UserError. */
export async function jsonObjectBody(context: Context): Promise<JsonObject> {
  return jsonObject(await context.req.text());
}

/** A text as a JSON object, likewise. */
export function jsonObject(text: string): JsonObject {
  const body = parseJson(text);
  if (isJsonObject(body)) return body;
  throw new UserError('the request body must be a JSON object', 'query');
}

/** The `context` member of a query body; a body without one has an empty one. */
export function contextOf(body: JsonObject): JsonObject {
  const { context } = body;
  return isJsonObject(context) ? context : {};
}

/** A text member of the query context, as an id or a label; numbers are taken as their digits. */
export function contextText(body: JsonObject, key: string): string | undefined {
  const value = contextOf(body)[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
