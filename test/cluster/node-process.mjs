import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const CLI = join(REPOSITORY, 'dist', 'bundle', 'main.js');

/** How long a start may take before it has failed, and an orderly end before it hangs. */
const START_MS = 60_000;
const STOP_MS = 90_000;

/** A node of a cluster: a real process of the built server, that keeps its port and directory over restarts. */
export class NodeProcess {
  #child = null;
  #ended = Promise.resolve();

  constructor({ name, role, directory, config, environment, reaper }) {
    this.name = name;
    this.role = role;
    this.directory = directory;
    this.url = `http://127.0.0.1:${config.port}`;
    this.logPath = join(directory, 'log.txt');
    this.dataDir = join(directory, 'data');
    this.environment = environment;
    this.reaper = reaper;
    this.configPath = join(directory, 'node.json');
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      this.configPath,
      JSON.stringify({ host: '127.0.0.1', dataDir: this.dataDir, ...config }, null, 2),
    );
  }

  get pid() {
    return this.#child?.pid ?? null;
  }

  /** Starts the process, and waits until it answers. */
  async start() {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    this.#spawn();
    const deadline = performance.now() + START_MS;
    while (this.#child !== null && performance.now() < deadline) {
      if (await this.answers()) return;
      await wait(50);
    }
    const what = this.#child === null ? 'ended' : 'does not answer';
    throw new Error(`${this.name} ${what} while it starts:\n${this.log()}`);
  }

  /** Whether it takes requests now. */
  async answers() {
    try {
      const response = await fetch(`${this.url}/status/health`, {
        signal: AbortSignal.timeout(2000),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Ends it as a power switch would. */
  async kill() {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to finish. Throws where it does not, or not in order. */
  async stop() {
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGTERM');
    await Promise.race([this.#ended, wait(STOP_MS, undefined, { ref: false })]);
    if (this.#child !== null) {
      await this.kill();
      throw new Error(`${this.name} does not end:\n${this.log()}`);
    }
    if (child.exitCode !== 0) {
      const how = child.exitCode ?? child.signalCode;
      throw new Error(`${this.name} ended with ${how}:\n${this.log()}`);
    }
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  /** Neither answers nor beats until it resumes; its connections stay. */
  pause() {
    this.#child?.kill('SIGSTOP');
  }

  resume() {
    this.#child?.kill('SIGCONT');
  }

  /** Removes all that it has on its disk. */
  wipe() {
    if (this.#child !== null) throw new Error(`${this.name} runs: its disk is not wiped`);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** The end of what it has logged. */
  log(lines = 40) {
    try {
      return readFileSync(this.logPath, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }

  #spawn() {
    const log = openSync(this.logPath, 'a');
    const child = spawn(process.execPath, [CLI, 'serve', '--config', this.configPath], {
      cwd: REPOSITORY,
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', log, log],
      // Ctrl-C in a terminal is for who started it, which then ends all in order.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.reaper.watch(child);
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => {
        this.#child = null;
        resolve();
      });
    });
  }
}
