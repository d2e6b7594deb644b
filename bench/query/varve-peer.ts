import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Varve } from '../../server/index.js';
import { NO_CACHES } from '../no-caches.js';
import { type Cell, long } from './answers.js';
import { type DataSet, ingestionSpec, type Query, type Table } from './data-set.js';
import { type Answer, directoryBytes, type Peer, REPOSITORY } from './peer.js';

/** How many (segment, row range) jobs ran as compiled kernels, and how many were interpreted. */
export interface JobCounts {
  readonly compiledJobs: number;
  readonly interpretedJobs: number;
}

/** What is published, and not the modules that it is bundled from. */
const { open } = (await import(
  join(REPOSITORY, 'dist/bundle/index.js')
)) as typeof import('../../server/index.js');

const MANY = 50_000_000;

/** Varve by its library entry: planning, workers and merging included. */
export class VarvePeer implements Peer {
  readonly engine = 'varve';
  readonly version = packageVersion();

  private constructor(
    private readonly varve: Varve,
    private readonly directory: string,
  ) {}

  static async open(directory: string, threads: number, dataDirectory: string): Promise<VarvePeer> {
    const varve = await open(directory, {
      localRoots: [dataDirectory],
      // The peers have no such limits.
      query: {
        workers: threads,
        maxGroups: MANY,
        maxResultRows: MANY,
        maxSubqueryRows: MANY,
        cache: NO_CACHES,
      },
      memory: { segmentBytes: '8GiB' },
    });
    return new VarvePeer(varve, directory);
  }

  async load(table: Table, file: string): Promise<void> {
    await this.ingest(ingestionSpec(table, file));
  }

  /** Runs a task until its rows are published. */
  async ingest(task: object): Promise<void> {
    await this.varve.ingest(task);
  }

  /** Of what the tables hold now. */
  async defineLookups({ lookups = {} }: DataSet): Promise<void> {
    const defined: Record<string, object> = {};
    for (const [name, sql] of Object.entries(lookups)) {
      const pairs = (await this.ask(sql)).rows().map(([key, value]) => [String(key), value]);
      const lookupExtractorFactory = { type: 'map', map: Object.fromEntries(pairs) };
      defined[name] = { version: 'v1', lookupExtractorFactory };
    }
    if (Object.keys(defined).length > 0) await this.varve.defineLookups({ __default: defined });
  }

  async diskBytes(): Promise<number> {
    return directoryBytes(this.directory);
  }

  /** SQL, or a groupBy in JSON whose rows are lists (`resultAsArray`). */
  async ask(text: string, context: Query['context'] = {}): Promise<Answer> {
    const rows = text.startsWith('{')
      ? await this.varve.query(JSON.parse(text))
      : await this.varve.sql<Record<string, unknown>>(text, { context: { ...context } });
    return { rows: () => rows.map((row) => Object.values(row).map(cellOf)) };
  }

  /** Null until Varve counts them. */
  jobCounts(): JobCounts | null {
    const store: { statistics?: unknown } = this.varve as object;
    if (typeof store.statistics !== 'function') return null;
    const counts: unknown = store.statistics();
    return isJobCounts(counts) ? counts : null;
  }

  close(): Promise<void> {
    return this.varve.close();
  }
}

function isJobCounts(value: unknown): value is JobCounts {
  if (typeof value !== 'object' || value === null) return false;
  const { compiledJobs, interpretedJobs } = value as Record<string, unknown>;
  return typeof compiledJobs === 'number' && typeof interpretedJobs === 'number';
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function cellOf(value: unknown): Cell {
  if (typeof value === 'string') return INSTANT.test(value) ? Date.parse(value) : value;
  if (typeof value === 'bigint') return long(value);
  return (value ?? null) as Cell;
}

function packageVersion(): string {
  const text = readFileSync(join(REPOSITORY, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
