import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { type Disk, parseByteSize, type Random, type Timers, UserError } from '../../core/index.js';
import { FolderStore } from './folder-store.js';
import { checkKey, type ObjectStore } from './object-store.js';
import { DEFAULT_RETRY } from './retry.js';
import { S3Store } from './s3-store.js';
import { secretPlace, secretText } from './secret-place.js';

/** S3 takes no smaller parts but the last one, and no more than 10,000 of them. */
const LEAST_PART_BYTES = 5 * 2 ** 20;
const MOST_PART_BYTES = 2 ** 28;

const WANT_PART = 'want a number of bytes from "5MiB" to "256MiB"';

const partSize = z
  .union([z.number(), z.string()], { error: WANT_PART })
  .default('16MiB')
  .transform((value, context) => {
    try {
      const bytes = parseByteSize(value, '');
      if (bytes >= LEAST_PART_BYTES && bytes <= MOST_PART_BYTES) return bytes;
    } catch {
      // Said below.
    }
    context.addIssue(WANT_PART);
    return z.NEVER;
  });

const WANT_PREFIX =
  'want parts of plain characters with / between them, such as "varve/production"';

const prefix = z
  .string()
  .default('')
  .transform((text, context) => {
    if (text === '') return text;
    const key = text.endsWith('/') ? text.slice(0, -1) : text;
    try {
      checkKey(key);
      return `${key}/`;
    } catch {
      context.addIssue(WANT_PREFIX);
      return z.NEVER;
    }
  });

/** Where segments are stored for all nodes of a cluster. */
export const deepStorageConfig = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('local'),
    /** A folder that all nodes have, such as one of a network file system. */
    path: z.string().startsWith('/', 'want an absolute path'),
  }),
  z.strictObject({
    type: z.literal('s3'),
    bucket: z.string().min(3),
    prefix,
    /** Of another service than Amazon's. */
    endpoint: z.url({ protocol: /^https?$/, error: 'want a URL with http or https' }).optional(),
    region: z.string().min(1).default('us-east-1'),
    /** The bucket in the path instead of in the name of the host; default: where there is an endpoint. */
    pathStyle: z.boolean().optional(),
    /** Default: as other programs of Amazon's find them, from the environment first. */
    credentials: z
      .strictObject({
        accessKeyId: secretPlace,
        secretAccessKey: secretPlace,
        sessionToken: secretPlace.optional(),
      })
      .optional(),
    partSize,
    maxAttempts: z.int().min(1).max(100).default(DEFAULT_RETRY.maxAttempts),
    timeoutMs: z.int().min(100).default(DEFAULT_RETRY.timeoutMs),
  }),
]);

export type DeepStorageConfig = z.output<typeof deepStorageConfig>;

/** Throws UserError that names every key that is wrong. */
export function parseDeepStorage(json: unknown, field = 'deepStorage'): DeepStorageConfig {
  const parsed = deepStorageConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    return `${[field, ...path].join('.')}: ${message}`;
  });
  const [issue] = parsed.error.issues;
  throw new UserError(problems.join('; '), 'spec', [field, ...(issue?.path ?? [])].join('.'));
}

export interface DeepStorageWorld {
  readonly disk: Disk;
  readonly timers: Timers;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Throws UserError where a secret is not where it should be. Nothing is asked of the store yet. */
export function openDeepStorage(config: DeepStorageConfig, world: DeepStorageWorld): ObjectStore {
  const { disk, timers, random } = world;
  if (config.type === 'local') return new FolderStore({ disk, path: config.path, random });
  const { bucket, prefix, partSize: partBytes, maxAttempts, timeoutMs } = config;
  const retry = { ...DEFAULT_RETRY, maxAttempts, timeoutMs };
  const client = s3Client(config, world);
  return new S3Store({ client, bucket, prefix, partBytes, retry, timers, random });
}

function s3Client(
  config: Extract<DeepStorageConfig, { type: 's3' }>,
  world: DeepStorageWorld,
): S3Client {
  const { endpoint, region, pathStyle = endpoint !== undefined, credentials, timeoutMs } = config;
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    // Not all services know its newer checksums; ours are the MD5 of what is sent and the SHA-256 of what comes.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: Math.min(timeoutMs, 10_000) },
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && {
      credentials: {
        accessKeyId: secretText(
          credentials.accessKeyId,
          'deepStorage.credentials.accessKeyId',
          world,
        ),
        secretAccessKey: secretText(
          credentials.secretAccessKey,
          'deepStorage.credentials.secretAccessKey',
          world,
        ),
        ...(credentials.sessionToken !== undefined && {
          sessionToken: secretText(
            credentials.sessionToken,
            'deepStorage.credentials.sessionToken',
            world,
          ),
        }),
      },
    }),
  });
}
