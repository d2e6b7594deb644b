import type { ChildProcess } from 'node:child_process';

/** Whether the server has been built on this machine, or can be. */
export function canRunS3(): boolean;

/** A server that can be stopped, killed and started again; its data goes when it is closed. */
export class S3Server {
  private constructor();
  /** `onSpawn` is given each process that it runs in. */
  static start(onSpawn?: (child: ChildProcess) => void): Promise<S3Server>;
  readonly directory: string;
  readonly port: number;
  /** Endpoint, credentials and bucket. */
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  run(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}
