import { type Context, Hono } from 'hono';
import { UserError } from '../../core/index.js';
import { checkIdentity, checkTableName, type PushIdentity } from '../../ingest/index.js';
import type { Config } from '../config.js';
import type { Pushes } from '../push/pushes.js';
import { answerJson } from './answer.js';
import { tooLarge } from './errors.js';
import { declaredBytes, readPushBody } from './push-body.js';
import { declaredFormat, formatOfBody } from './push-format.js';

/** What pushing takes of a node. */
export interface PushNode {
  readonly config: Config;
  readonly pushes: Pushes;
}

/** How long a client may send nothing in the middle of a body. */
const STALL_MS = 10_000;

/**
 * Rows come in: `POST /v1/tables/{name}/rows`. What the headers say is checked before any of the body is read, so that
 * a push that has to be refused costs next to nothing.
 */
export function pushRoutes({ config, pushes }: PushNode): Hono {
  const limits = {
    maxPackedBytes: config.http.maxBodyBytes,
    maxBytes: config.push.maxBodyBytes,
    stallMs: STALL_MS,
  };
  const routes = new Hono();
  routes.post('/:name/rows', async (context) => {
    const { raw } = context.req;
    const table = tableName(context);
    const identity = identityOf(context);
    const ack = ackOf(context);
    const columns = columnsOf(context);
    const declared = declaredFormat(context.req.header('content-type'));
    const answer = await pushes.holding(async (share) => {
      const length = declaredBytes(raw);
      if (length !== null && length > limits.maxPackedBytes) {
        throw tooLarge(limits.maxPackedBytes, 'http.maxBodyBytes');
      }
      pushes.inFlight.checkRoom(length ?? 0);
      const body = await readPushBody(raw, limits, share);
      if (body.length === 0) throw new UserError('the request has no body; send one row or more');
      const format = declared ?? formatOfBody(body);
      if (columns !== null && format !== 'csv') throw columnsRefused(`the body is ${format}`);
      return pushes.take({ table, format, columns, body, ack, ...identity });
    });
    return answerJson(context, answer);
  });
  return routes;
}

/** The table that the path names. Throws UserError when rows cannot be pushed into one of this name. */
export function tableName(context: Context): string {
  const name = context.req.param('name') ?? '';
  checkTableName(name, 'table');
  return name;
}

function identityOf(context: Context): PushIdentity {
  const identity = {
    producer: context.req.header('X-Varve-Producer') ?? null,
    sequence: sequenceOf(context.req.header('X-Varve-Sequence')),
    key: context.req.header('Idempotency-Key') ?? null,
  };
  checkIdentity(identity);
  return identity;
}

function sequenceOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new UserError(
    `X-Varve-Sequence: want an integer from 0 on; got ${JSON.stringify(text)}`,
    'request',
    'X-Varve-Sequence',
  );
}

function ackOf(context: Context): 'disk' | 'memory' {
  const ack = context.req.query('ack') ?? 'disk';
  if (ack === 'disk' || ack === 'memory') return ack;
  throw new UserError(
    `ack: want "disk" (the default) or "memory"; got ${JSON.stringify(ack)}`,
    'request',
    'ack',
  );
}

/** Names for CSV without a header, by commas. */
function columnsOf(context: Context): readonly string[] | null {
  const text = context.req.query('columns');
  if (text === undefined) return null;
  const names = text.split(',');
  if (names.some((name) => name === '')) throw columnsRefused(`got ${JSON.stringify(text)}`);
  return names;
}

const columnsRefused = (why: string): UserError =>
  new UserError(
    `columns: want the names of the columns of CSV without a header, such as a,b,c; ${why}`,
    'request',
    'columns',
  );
