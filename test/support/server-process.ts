import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const CLI = join(REPOSITORY, 'dist', 'bundle', 'main.js');

export const temporaryDirectory = (name: string): string =>
  mkdtempSync(join(tmpdir(), `varve-${name}-`));

export interface ServerOptions {
  readonly dataDir: string;
  readonly localRoots?: readonly string[];
  readonly flags?: readonly string[];
}

/** A real server process, built into dist/bundle, on a free loopback port. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static start({ dataDir, localRoots = [], flags = [] }: ServerOptions): Promise<ServerProcess> {
    const roots = localRoots.flatMap((root) => ['--local-root', root]);
    const child = spawn(
      process.execPath,
      [CLI, 'serve', '--port', '0', '--data-dir', dataDir, ...roots, ...flags],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: REPOSITORY },
    );
    return new Promise((resolve, reject) => {
      let output = '';
      const onData = (chunk: Buffer) => {
        output += chunk.toString();
        const url = /^listening on (http:\S+)$/m.exec(output)?.[1];
        if (url !== undefined) resolve(new ServerProcess(child, url));
      };
      child.stdout?.on('data', onData);
      child.stderr?.on('data', onData);
      child.once('exit', (code) => reject(new Error(`the server ended (${code}): ${output}`)));
    });
  }

  /** Ends the process as a power switch would. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Asks the process to finish; gives its exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child.exitCode;
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill(signal);
    });
  }

  async post(path: string, body: unknown): Promise<{ status: number; json: unknown }> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    return { status: response.status, json: await response.json() };
  }

  async get(path: string): Promise<{ status: number; json: unknown }> {
    const response = await fetch(this.url + path);
    return { status: response.status, json: await response.json() };
  }

  /** Rows of a SQL statement as arrays. */
  async sql(query: string): Promise<unknown[][]> {
    const { status, json } = await this.post('/druid/v2/sql', { query, resultFormat: 'array' });
    if (status !== 200) throw new Error(`SQL failed with ${status}: ${JSON.stringify(json)}`);
    return json as unknown[][];
  }

  /** Submits a task and gives its id. */
  async submit(spec: unknown): Promise<string> {
    const { status, json } = await this.post('/druid/indexer/v1/task', spec);
    if (status !== 200) throw new Error(`task refused with ${status}: ${JSON.stringify(json)}`);
    return (json as { task: string }).task;
  }

  /** Waits for the end of a task; gives its final status code. */
  async finished(task: string): Promise<string> {
    for (;;) {
      const { json } = await this.get(`/druid/indexer/v1/task/${encodeURIComponent(task)}/status`);
      const code = (json as { status: { statusCode: string } }).status.statusCode;
      if (code !== 'RUNNING') return code;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
