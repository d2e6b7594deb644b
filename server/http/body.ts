import type { Context } from 'hono';
import { isJsonObject, type JsonObject, parseJson, UserError } from '../../core/index.js';

/** The request body as a JSON object, 64-bit integers intact. Throws UserError. */
export async function jsonObjectBody(context: Context): Promise<JsonObject> {
  const body = parseJson(await context.req.text());
  if (isJsonObject(body)) return body;
  throw new UserError('the request body must be a JSON object', 'json');
}

/** The `context` member of a query body; a body without one has an empty one. */
function contextOf(body: JsonObject): JsonObject {
  const { context } = body;
  return isJsonObject(context) ? context : {};
}

/** A text member of the query context, as an id or a label; numbers are taken as their digits. */
export function contextText(body: JsonObject, key: string): string | undefined {
  const value = contextOf(body)[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
