import { z } from 'zod';
import { deepStorageConfig, NODE_NAME, secretPlace } from '../../cluster/index.js';
import { UserError } from '../../core/index.js';
import { byteSize } from '../byte-size-field.js';

/** What a process is in a cluster; absent: it is all of it, on its data directory. */
export const clusterConfig = z.strictObject({
  /** No two nodes have the same, and a node keeps it with its data directory. */
  name: z
    .string()
    .regex(NODE_NAME, 'want 1 to 100 letters, digits and ._-, the first a letter or digit'),
  roles: z.array(z.enum(['broker', 'historical', 'realtime', 'coordinator'])).min(1),
  /** Where other nodes reach it; default: the address that it listens on. */
  url: z.url({ protocol: /^http$/, error: 'want a URL such as "http://10.0.0.7:8888"' }).optional(),
  /** What all nodes share, and nobody else knows: 16 characters at least. */
  secret: secretPlace,
  metadata: z.strictObject({
    /** `postgres://user:password@host:port/database`. */
    url: z.union([z.string().startsWith('postgres'), secretPlace]),
    schema: z.string().min(1).optional(),
    maxConnections: z.int().min(1).optional(),
  }),
  deepStorage: deepStorageConfig,
  /** Of a historical. */
  tier: z.string().min(1).default('_default_tier'),
  /** Segments are asked for where it is highest. */
  priority: z.int().default(0),
  /** Of a historical: what segment files may take on its disk; a tenth is left for those that are only asked for now and then. */
  diskBytes: byteSize().prefault('64GiB'),
  /** What files of tables may take on its disk that tasks and samples read. */
  readBytes: byteSize().prefault('16GiB'),
  /** So often a node says that it lives, and looks whether others do. */
  beatMs: z.int().min(50).default(1000),
  /** One that has not said so for this time is taken to be gone. */
  lostAfterMs: z.int().min(200).default(8000),
  /** So often brokers look for what was published. */
  pollMs: z.int().min(10).default(200),
  /** How long a realtime node that ends may take to publish its rows and give its tables away. */
  drainMs: z.int().min(0).default(60_000),
  /** On the disks of so many realtime nodes a pushed row is when it is acknowledged, as far as there are so many. */
  pushCopies: z.int().min(1).max(9).default(2),
  /** Rows that only the log of a realtime node has are published by another one when it has been gone for this time. */
  takeOverAfterMs: z.int().min(0).default(5000),
  /** So often the leader looks at what is served. */
  roundMs: z.int().min(50).default(5000),
  /** Objects in deep storage that no segment has. */
  orphans: z
    .strictObject({
      /** So often they are looked for. */
      periodMs: z.int().min(50).default(600_000),
      /** They are removed when they were found to be so for this time. */
      graceMs: z.int().min(0).default(3_600_000),
    })
    .prefault({}),
});

export type ClusterConfig = z.output<typeof clusterConfig>;

/** Throws UserError when the configuration is that of a single server. */
export function givenCluster(cluster: ClusterConfig | undefined): ClusterConfig {
  if (cluster !== undefined) return cluster;
  throw new UserError(
    'the configuration is not one of a cluster: it has no "cluster"; give that of one of its nodes',
  );
}
