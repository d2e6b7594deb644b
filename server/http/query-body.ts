import type { Context } from 'hono';
import { utf8Decode } from '../../core/index.js';
import type { Config } from '../config.js';
import type { InFlightShare } from '../in-flight.js';
import { RequestRefused } from './errors.js';
import { declaredBytes, readPushBody } from './push-body.js';

/** Bodies of a declared length up to this are read at once: to hold what has not come yet costs little. */
const SMALL_BYTES = 64 * 1024;

/** How long a client may send nothing in the middle of a body. */
const STALL_MS = 10_000;

/** Druid's binary JSON, by each of its names. */
const SMILE = /^application\/(x-jackson-)?smile\b/i;

/**
 * The body of a query as text, unpacked where it is packed. Its bytes are held by `share`: those of a large one as they come, so that
 * a client that sends slowly holds no more than it has sent. Throws UserError (a 400, 408, 413 or 415) and CapacityError.
 */
export async function queryText(
  context: Context,
  share: InFlightShare,
  { maxBodyBytes }: Config['http'],
): Promise<string> {
  const { raw } = context.req;
  const type = raw.headers.get('content-type') ?? '';
  if (SMILE.test(type)) {
    throw new RequestRefused(
      415,
      `Content-Type: ${type} is not read; send application/json`,
      'Content-Type',
    );
  }
  const length = declaredBytes(raw);
  if (length !== null && length <= SMALL_BYTES && !raw.headers.has('content-encoding')) {
    share.take(length);
    return context.req.text();
  }
  const limits = { maxPackedBytes: maxBodyBytes, maxBytes: maxBodyBytes, stallMs: STALL_MS };
  return utf8Decode(await readPushBody(raw, limits, share));
}
