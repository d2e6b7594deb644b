import type { PostgresServer } from '../services/postgres.mjs';
import type { S3Server } from '../services/s3.mjs';
import type { NodeProcess } from './node-process.mjs';

export type Role = 'coordinator' | 'historical' | 'realtime' | 'broker';

export const ROLES: readonly Role[];

/** What a whole cluster is on one machine. */
export const WHOLE: Readonly<Record<Role, number>>;

export interface ClusterOptions {
  /** How many nodes of each role. */
  readonly nodes?: Partial<Record<Role, number>>;
  /** Where segments are stored for all. */
  readonly storage?: 'local' | 's3';
  readonly localRoots?: readonly string[];
  /** Of the configuration of every node. */
  readonly config?: object;
  /** Of what it says of the cluster. */
  readonly cluster?: object;
}

/** A cluster of real processes on this machine, with the services that they need; all of it ends with this process. */
export class ClusterProcesses {
  private constructor();
  /** Starts the services, then every node, and waits until all answer. */
  static start(options?: ClusterOptions): Promise<ClusterProcesses>;
  readonly nodes: readonly NodeProcess[];
  readonly postgres: PostgresServer;
  readonly s3: S3Server | null;
  readonly directory: string;
  /** The nodes of a role; what the role does is asked of any of them. */
  of(role: Role): NodeProcess[];
  node(name: string): NodeProcess;
  /** The ends of the logs of all nodes, to be read where something has failed. */
  logs(lines?: number): string;
  /** Ends everything at once, and removes what it wrote. */
  close(): Promise<void>;
}
