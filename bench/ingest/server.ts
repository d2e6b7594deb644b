import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from '../query/peer.js';

const CLI = join(REPOSITORY, 'dist', 'server', 'cli', 'main.js');

/** A server process of the build on a free loopback port. */
export class BenchServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static start(dataDir: string): Promise<BenchServer> {
    const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--data-dir', dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Promise((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const url = /^listening on (http:\S+)$/m.exec(output)?.[1];
        if (url !== undefined) resolve(new BenchServer(child, url));
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('exit', (code) => reject(new Error(`the server ended (${code}): ${output}`)));
    });
  }

  /** Rows of a SQL statement as arrays. */
  async sql(query: string): Promise<unknown[][]> {
    const response = await fetch(`${this.url}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, resultFormat: 'array' }),
    });
    if (!response.ok) throw new Error(`SQL: ${response.status} ${await response.text()}`);
    return (await response.json()) as unknown[][];
  }

  kill(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill('SIGKILL');
    });
  }
}
