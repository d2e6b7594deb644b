import type { ChildProcess } from 'node:child_process';

/** The directory of the server's programs; null when there are none on this machine. */
export function findPostgres(): string | null;

/** A PostgreSQL server for tests that can be stopped, killed and started again. */
export class PostgresServer {
  /** Makes a cluster in a temporary directory and starts it; `onSpawn` is given each process that it runs in. */
  static start(onSpawn?: (child: ChildProcess) => void): Promise<PostgresServer>;
  /** Of its database; the user may do everything. */
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  readonly directory: string;
  /** Starts it, after it was stopped or killed. */
  run(): Promise<void>;
  /** Ends it: transactions are rolled back, connections closed. */
  stop(): Promise<void>;
  /** Ends all of its processes at once, as a crash does. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}
