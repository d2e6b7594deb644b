import { z } from 'zod';
import { parseByteSize, parseJson, UserError } from '../core/index.js';
import { DEFAULT_LIMITS } from '../query/index.js';

/** A byte count or a text such as "512MiB". */
const byteSize = (field: string) =>
  z.union([z.number(), z.string()]).transform((value) => parseByteSize(value, field));

/**
 * The configuration of one server, as the file given by --config holds it; flags on the command
 * line win over the file. Unknown keys are refused, so that a misspelt key is noticed.
 */
const ConfigFile = z.strictObject({
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
    })
    .prefault({}),
  memory: z
    .strictObject({
      /** Column bytes held in memory; least recently used segments leave first. */
      segmentBytes: byteSize('memory.segmentBytes').prefault('4GiB'),
      /** Size of one arena, a shared WebAssembly memory. */
      arenaBytes: byteSize('memory.arenaBytes').prefault('512MiB'),
    })
    .prefault({}),
  http: z
    .strictObject({
      maxBodyBytes: byteSize('http.maxBodyBytes').prefault('64MiB'),
      /** How long a client may take to send a request. */
      requestTimeoutMs: z.int().min(1).default(60_000),
      /** How long running requests may take to finish after SIGTERM. */
      drainTimeoutMs: z.int().min(0).default(10_000),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      /** Tasks that run at the same time, a worker thread each. */
      taskSlots: z.int().min(1).max(64).default(1),
      /** Column bytes that one task may hold before it spills sorted pieces to disk. */
      memoryBytes: byteSize('ingest.memoryBytes').prefault('1GiB'),
      /** Most bytes that one input file may have, unpacked. */
      maxInputBytes: byteSize('ingest.maxInputBytes').prefault('64GiB'),
    })
    .prefault({}),
});

export type Config = z.output<typeof ConfigFile>;
export type ConfigInput = z.input<typeof ConfigFile>;

/** Reads a configuration. Throws one UserError that names every bad key and its value. */
export function parseConfig(input: unknown): Config {
  const parsed = ConfigFile.safeParse(input);
  if (parsed.success) return checkHost(parsed.data);
  const problems = parsed.error.issues.map((issue) => {
    const got = issue.path.reduce<unknown>((at, key) => Object(at)[key], input);
    return `${issue.path.join('.') || 'configuration'}: ${issue.message}; got ${JSON.stringify(got)}`;
  });
  throw new UserError(`configuration: ${problems.join(' | ')}`);
}

/** Reads the text of a configuration file. */
export const parseConfigText = (text: string): ConfigInput => parseJson(text) as ConfigInput;

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
