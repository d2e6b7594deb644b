import { z } from 'zod';
import { isJsonObject, parseJson, stringifyJson, UserError } from '../core/index.js';
import { parsePeriod, shiftByPeriod } from '../model/index.js';
import { DEFAULT_LIMITS } from '../query/index.js';
import { byteSize } from './byte-size-field.js';
import { clusterConfig } from './cluster/cluster-config.js';

const WANT_PERIOD = 'want an ISO-8601 period such as "PT1H" or "P30D", or null for never';

/** A period as text, in milliseconds; null stays. */
const period = (whenAbsent: string) =>
  z
    .string({ error: WANT_PERIOD })
    .nullable()
    .prefault(whenAbsent)
    .transform((text, context) => {
      if (text === null) return null;
      const parsed = parsePeriod(text);
      const ms = parsed === null ? -1 : shiftByPeriod(0, parsed, 1, 'UTC');
      if (ms >= 0) return ms;
      context.addIssue(WANT_PERIOD);
      return z.NEVER;
    });

const percent = z.int().min(1).max(100);

/** As Druid's laning strategies. */
const lanes = z.discriminatedUnion('strategy', [
  z.strictObject({ strategy: z.literal('none') }),
  z.strictObject({
    strategy: z.literal('hilo'),
    /** Of the queries that run at once, those of negative priority. */
    maxLowPercent: percent,
  }),
  z.strictObject({
    strategy: z.literal('manual'),
    /** How many queries of each lane, as their context names it, run at once. */
    lanes: z.record(z.string().min(1), z.int().min(1)),
    /** Whether these numbers are shares of all that run at once. */
    isLimitPercent: z.boolean().default(false),
  }),
]);

/** How many queries the server takes on. */
const scheduler = z
  .strictObject({
    /** Queries that run at once; default: 4 for each worker, 16 at least. */
    maxRunning: z.int().min(1).optional(),
    /** Queries that wait for others to end; more are refused with 429. */
    maxWaiting: z.int().min(0).default(64),
    /** How long they may. */
    maxWaitMs: z.int().min(1).default(3000),
    lanes: lanes.prefault({ strategy: 'none' }),
    /** What bodies of queries, and rows of answers until they are written, may take in memory. */
    heldBytes: byteSize().prefault('512MiB'),
  })
  .prefault({});

/**
 * The configuration of one server, as the file given by --config holds it; the environment wins over the file, and flags on the
 * command line over both. Unknown keys are refused, so that a misspelt key is noticed.
 */
export const ConfigFile = z.strictObject({
  port: z.int().min(0).max(65_535).default(8888),
  host: z.string().min(1).default('127.0.0.1'),
  dataDir: z.string().min(1).default('./varve-data'),
  /** Directories that `local` input sources may read. */
  localRoots: z.array(z.string().min(1)).default([]),
  /** Host names that `http` input sources may reach. */
  httpHosts: z.array(z.string().min(1)).default([]),
  /** Allows listening on other than loopback addresses without authentication. */
  insecure: z.boolean().default(false),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  query: z
    .strictObject({
      workers: z.int().min(1).max(256).optional(),
      timeoutMs: z.int().min(0).default(DEFAULT_LIMITS.timeoutMs),
      maxTimeoutMs: z.int().min(0).default(DEFAULT_LIMITS.maxTimeoutMs),
      maxGroups: z.int().min(1).default(DEFAULT_LIMITS.maxGroups),
      maxResultRows: z.int().min(1).default(DEFAULT_LIMITS.maxResultRows),
      maxSubqueryRows: z.int().min(1).default(DEFAULT_LIMITS.maxSubqueryRows),
      maxQueryBytes: byteSize().prefault(DEFAULT_LIMITS.maxQueryBytes),
      memoryBytes: byteSize().prefault(DEFAULT_LIMITS.memoryBytes),
      maxSpillBytes: byteSize().prefault(DEFAULT_LIMITS.maxSpillBytes),
      /** What is kept of answers (docs/queries.md); 0: nothing. By default as much as fits beside all else into the heap. */
      cache: z
        .strictObject({
          /** Of what queries found in published segments. */
          partialBytes: byteSize().optional(),
          /** Of whole answers. */
          resultBytes: byteSize().optional(),
          /** Of one segment's, and of one answer. */
          maxEntryBytes: byteSize().optional(),
        })
        .prefault({}),
      /** Queries that take as long are logged, without their literals; null: none are. */
      slowQueryMs: z.int().min(0).nullable().default(5000),
      scheduler,
    })
    .prefault({}),
  queryLog: z
    .strictObject({
      /** Whether it is kept what kinds of queries are asked, without their literals, for advice on star-trees. */
      enabled: z.boolean().default(true),
      /** Kinds of queries that are kept. */
      maxShapes: z.int().min(1).max(100_000).default(1000),
      /** Those that nobody asked for this time are forgotten; null: never. */
      keep: period('P30D'),
    })
    .prefault({}),
  memory: z
    .strictObject({
      /** Column bytes held in memory; least recently used segments leave first. */
      segmentBytes: byteSize().prefault('4GiB'),
      /** Size of one arena, a shared WebAssembly memory. */
      arenaBytes: byteSize().prefault('512MiB'),
      /** What each query worker may take for groups beside the columns of an arena, when it needs it. */
      scratchBytes: byteSize().prefault('128MiB'),
    })
    .prefault({}),
  http: z
    .strictObject({
      maxBodyBytes: byteSize().prefault('64MiB'),
      /** How long a client may take to send a request. */
      requestTimeoutMs: z.int().min(1).default(60_000),
      /**
       * How long a connection may be idle before it is closed. Longer than dashboards wait between refreshes, and than
       * proxies keep theirs (a minute, mostly): a request that is sent while its connection is closed fails.
       */
      keepAliveTimeoutMs: z.int().min(1).default(75_000),
      /**
       * How long, after SIGTERM, it says that it is not ready and answers all the same: as long as load balancers take to hear of it.
       */
      drainDelayMs: z.int().min(0).default(0),
      /** How long running requests may take to finish then. */
      drainTimeoutMs: z.int().min(0).default(10_000),
      /** How long a client may take no part of an answer that waits for it, before its connection is cut. */
      slowClientTimeoutMs: z.int().min(1).default(30_000),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      /** Tasks that run at the same time, a worker thread each. */
      taskSlots: z.int().min(1).max(64).default(1),
      /** Column bytes that one task may hold before it spills sorted pieces to disk. */
      memoryBytes: byteSize().prefault('1GiB'),
      /** Most bytes that one input file may have, unpacked. */
      maxInputBytes: byteSize().prefault('64GiB'),
    })
    .prefault({}),
  lookups: z
    .strictObject({
      /** What the pairs of one lookup may take; so many bytes the file may have at most that they come from, unpacked. */
      maxBytes: byteSize().prefault('256MiB'),
    })
    .prefault({}),
  duties: z
    .strictObject({
      /** How often rules are applied, outdated segments removed and tables compacted. */
      periodMs: z.int().min(10).default(60_000),
      /** Segments that newer ones replaced are removed after this time; null: never. */
      killReplacedAfter: period('P1D'),
      /** Segments that were dropped, by an order or a rule, are removed after this time; null: never. */
      killDroppedAfter: period('P30D'),
      /** Tasks that have ended, and changes of settings, are remembered for this time; null: for ever. */
      keepTasks: period('P90D'),
      keepChanges: period('P90D'),
    })
    .prefault({}),
  cluster: clusterConfig.optional(),
  push: z
    .strictObject({
      /** Bytes of pushes that may be under way; more are refused with 429. */
      queueBytes: byteSize().prefault('64MiB'),
      /** What rows that are not published yet may take in memory; beyond, pushes are refused until pieces are sealed. */
      memoryBytes: byteSize().prefault('1GiB'),
      /** What the push log may take on disk; beyond, the table with the oldest rows is handed off. */
      logBytes: byteSize().prefault('1GiB'),
      /** Size of one file of the push log, whose removal gives space back. */
      logFileBytes: byteSize().prefault('64MiB'),
      /** Of one push, unpacked. */
      maxBodyBytes: byteSize().prefault('64MiB'),
    })
    .prefault({}),
});

export type Config = z.output<typeof ConfigFile>;
export type ConfigInput = z.input<typeof ConfigFile>;

/**
 * Reads a configuration. Throws one UserError that names every bad key and its value, and the environment variable that
 * gave it, if one did.
 */
export function parseConfig(
  input: unknown,
  variables: ReadonlyMap<string, string> = new Map(),
): Config {
  const parsed = ConfigFile.safeParse(input);
  if (parsed.success) return checkHost(parsed.data);
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, input, variables));
  throw new UserError(`configuration: ${problems.join(' | ')}`);
}

/** What is wrong, by key. Only values of bad keys are shown, and of those no password. */
function problemsOf(
  issue: z.core.$ZodIssue,
  input: unknown,
  variables: ReadonlyMap<string, string>,
): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${[...issue.path, key].join('.')}: no such key; take it out or mend its spelling`,
    );
  }
  const got = issue.path.reduce<unknown>((at, key) => Object(at)[key], input);
  const path = issue.path.join('.') || 'configuration';
  const variable = variables.get(path);
  const by = variable === undefined ? '' : ` (${variable})`;
  return [`${path}${by}: ${issue.message}; got ${withoutPassword(stringifyJson(got))}`];
}

/** The text as it may be shown: of URLs in it, not the password. */
export const withoutPassword = (text: string): string =>
  text.replace(/(:\/\/[^\s/@:"]*):[^\s"]*@/g, '$1:…@');

/** Reads the text of a configuration file. Throws UserError when it is not a JSON object. */
export function parseConfigText(text: string): ConfigInput {
  const json = parseJson(text);
  if (isJsonObject(json)) return json;
  throw new UserError(`configuration: want a JSON object; got ${stringifyJson(json)}`);
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** There is no authentication yet: off loopback only when the operator says so. */
function checkHost(config: Config): Config {
  if (config.insecure || LOOPBACK.test(config.host)) return config;
  throw new UserError(
    `host ${config.host} is not a loopback address, and anybody who reaches it could read and write all data; ` +
      'listen on 127.0.0.1, or say --insecure when the network itself keeps strangers out',
    'request',
    'host',
  );
}
