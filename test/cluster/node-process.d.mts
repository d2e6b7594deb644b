/** A node of a cluster: a real process of the built server, that keeps its port and directory over restarts. */
export class NodeProcess {
  private constructor();
  readonly name: string;
  readonly role: string;
  readonly url: string;
  readonly dataDir: string;
  readonly configPath: string;
  /** What its environment has beside ours. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  /** Starts the process, and waits until it answers. */
  start(): Promise<void>;
  /** Whether it takes requests now. */
  answers(): Promise<boolean>;
  /** Ends it as a power switch would. */
  kill(): Promise<void>;
  /** Asks it to finish. Throws where it does not, or not in order. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** Neither answers nor beats until it resumes; its connections stay. */
  pause(): void;
  resume(): void;
  /** Removes all that it has on its disk; it must not run. */
  wipe(): void;
  /** The end of what it has logged. */
  log(lines?: number): string;
}
