import { Pool } from 'pg';
import { ManualClock, realWait, steadyClock, systemRandom, uuid } from '../../core/index.js';
import { MetadataStore } from './metadata-store.js';
import type { StoreMeans } from './patience.js';
import type { PostgresPlace } from './postgres-pool.js';

/** For tests: the server to test with; `node test/services/postgres.mjs COMMAND …` starts one. Absent: such tests are skipped. */
export const POSTGRES_URL = process.env.VARVE_TEST_POSTGRES;

/** For tests: real time and chance. */
export const REAL_MEANS: StoreMeans = { random: systemRandom, steady: steadyClock, wait: realWait };

const made: string[] = [];

/** For tests: a schema that nobody has used; `dropSchemas` removes it. */
export function freshSchema(): PostgresPlace {
  const schema = `varve_test_${uuid(systemRandom).slice(0, 8)}`;
  made.push(schema);
  return { type: 'postgres', url: POSTGRES_URL ?? '', schema, maxConnections: 4 };
}

/** For tests: asks the server itself. */
export async function onServer(text: string, values: unknown[] = []) {
  const pool = new Pool({ connectionString: POSTGRES_URL, max: 1 });
  try {
    return await pool.query(text, values);
  } finally {
    await pool.end();
  }
}

/** For tests: removes the schemas that `freshSchema` gave. */
export async function dropSchemas(): Promise<void> {
  for (const schema of made.splice(0)) await onServer(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

/** For tests: stores of several processes, which share one database. */
export async function openStores(count: number): Promise<MetadataStore[]> {
  const place = freshSchema();
  const clock = new ManualClock(Date.UTC(2024, 0, 1));
  return Promise.all(
    Array.from({ length: count }, () => MetadataStore.open(place, clock, REAL_MEANS)),
  );
}
