import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { escapeIdentifier, Pool, type PoolClient, types } from 'pg';
import { invariant } from '../../core/index.js';

/** Where a store's database is. */
export interface PostgresPlace {
  readonly type: 'postgres';
  /** `postgres://user:password@host:port/database`, with the parameters of libpq. */
  readonly url: string;
  /** The schema that holds the tables, made when absent; else the one that the user's search path names. */
  readonly schema?: string;
  /** Of this process; 10 when absent. */
  readonly maxConnections?: number;
}

const MAX_CONNECTIONS = 10;

/** The way to the server, and a place in the pool. */
const CONNECT_TIMEOUT_MS = 5000;

/** A server that is stuck is one that is gone; the client waits longer than the server works on. */
const STATEMENT_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 70_000;

/** A process that stops inside of a transaction keeps others from writing until then. */
const IDLE_IN_TRANSACTION_MS = 15_000;

const INT8 = 20;

/** Exact: what is counted here stays below 2^53. */
function exactNumber(text: string): number {
  const value = Number(text);
  invariant(Number.isSafeInteger(value), `the metadata holds ${text}, which no counter reaches`);
  return value;
}

/** How values of a type are read; of our connections only. */
const TYPES = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? exactNumber
      : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
};

/** A pool of connections, set up as the store needs them; each that broke is thrown away. */
export function openPool(place: PostgresPlace): PostgresPool {
  const pool = new Pool({
    connectionString: place.url,
    max: place.maxConnections ?? MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'varve',
    types: TYPES,
  });
  // A connection that breaks while nobody asks is one less in the pool: who asks over a broken one is told there.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const ready = new WeakSet<PoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      try {
        if (!ready.has(client)) await client.query(setUp(place.schema));
      } catch (error) {
        client.release(true);
        throw error;
      }
      ready.add(client);
      return checkedOut(client);
    },
    end: () => pool.end(),
  };
}

const setUp = (schema: string | undefined): string =>
  [
    `SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
    `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    'SET client_min_messages = warning',
    ...(schema === undefined ? [] : [`SET search_path TO ${escapeIdentifier(schema)}`]),
  ].join('; ');

/** The client, for one transaction or statement. */
function checkedOut(client: PoolClient): PostgresPoolClient {
  let isBroken = false;
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      return await client.query(text, values.map(storable));
    } catch (error) {
      // The answer may still come, and would be taken for that to the next question.
      if (error instanceof Error && error.message === 'Query read timeout') isBroken = true;
      throw error;
    }
  };
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(isBroken),
  };
}

/** Texts of PostgreSQL hold every character but one. */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
