#!/usr/bin/env node
/**
 * A PostgreSQL server for tests: a fresh cluster in a temporary directory, on a free port of the loopback interface, run by
 * a user that is not root. `node test/services/postgres.mjs COMMAND …` runs a command with its URL in VARVE_TEST_POSTGRES.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const DEBIAN = '/usr/lib/postgresql';

/** How long a start may take before it has failed. */
const START_MS = 60_000;

/** The directory of the server's programs; null when there are none on this machine. */
export function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a));
  const directories = newest.map((version) => join(DEBIAN, version, 'bin'));
  return directories.find((directory) => existsSync(join(directory, 'initdb'))) ?? null;
}

/** As `findPostgres`; installs Debian's package where there is none, which takes root. */
function ensurePostgres() {
  const found = findPostgres();
  if (found !== null) return found;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => execFileSync('apt-get', ['-q', '-y', ...args], { env: environment });
  apt('update');
  apt('install', '--no-install-recommends', 'postgresql');
  const installed = findPostgres();
  if (installed === null) throw new Error(`PostgreSQL was installed, but not in ${DEBIAN}`);
  return installed;
}

/** Who runs the server: it refuses to be run by root. */
function identity() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that can be stopped, killed and started again; its data goes when it is closed. */
export class PostgresServer {
  #process = null;

  constructor(programs, directory, port, onSpawn) {
    this.onSpawn = onSpawn;
    this.programs = programs;
    this.directory = directory;
    this.port = port;
    this.identity = identity();
  }

  /** Makes a cluster and starts it; `onSpawn` is given each process that it runs in. */
  static async start(onSpawn = () => undefined) {
    const programs = ensurePostgres();
    const directory = mkdtempSync(join(tmpdir(), 'varve-postgres-'));
    const server = new PostgresServer(programs, directory, await freePort(), onSpawn);
    const { uid, gid } = server.identity;
    if (uid !== undefined) chownSync(directory, uid, gid);
    const options = ['--auth=trust', '--username=varve', '--encoding=UTF8', '--locale=C.UTF-8'];
    execFileSync(
      join(programs, 'initdb'),
      [...options, '--no-sync', '-D', join(directory, 'data')],
      {
        ...server.identity,
        cwd: directory,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    await server.run();
    return server;
  }

  get url() {
    return `postgres://varve@127.0.0.1:${this.port}/postgres`;
  }

  /** Null while it does not run. */
  get pid() {
    return this.#process?.pid ?? null;
  }

  /** Starts it, after it was stopped or killed; settles when it takes connections. */
  async run() {
    // A killed process leaves what it wrote with the kernel: only a power cut would need the syncs.
    const settings = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.directory}`,
      'fsync=off',
      'shared_buffers=32MB',
      'max_connections=60',
    ];
    const args = ['-D', join(this.directory, 'data'), ...settings.flatMap((each) => ['-c', each])];
    const child = spawn(join(this.programs, 'postgres'), args, {
      ...this.identity,
      cwd: this.directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.onSpawn(child);
    let log = '';
    child.stderr.on('data', (bytes) => {
      log = `${log}${bytes}`.slice(-4000);
    });
    for (let waitedMs = 0; waitedMs < START_MS && child.exitCode === null; waitedMs += 50) {
      if (this.#isReady()) return;
      await wait(50);
    }
    throw new Error(`PostgreSQL does not start:\n${log}`);
  }

  /** Ends it as SIGINT does: transactions are rolled back, connections closed. */
  stop() {
    return this.#end('SIGINT');
  }

  /** Ends all of its processes at once, as a crash does. */
  async kill() {
    // The first one would clean up after the others.
    this.#process.kill('SIGSTOP');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(this.#process.pid)], {
      encoding: 'utf8',
    });
    for (const pid of children.trim().split(/\s+/)) killIfThere(Number(pid));
    await this.#end('SIGKILL');
  }

  async restart() {
    await this.stop();
    await this.run();
  }

  /** Ends it and removes its data. */
  async close() {
    if (this.#process !== null) await this.#end('SIGQUIT');
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  #isReady() {
    try {
      const args = ['-q', '-h', '127.0.0.1', '-p', String(this.port), '-d', 'postgres'];
      execFileSync(join(this.programs, 'pg_isready'), args);
      return true;
    } catch {
      return false;
    }
  }
}

function killIfThere(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function main([command, ...args]) {
  const server = await PostgresServer.start();
  try {
    const environment = { ...process.env, VARVE_TEST_POSTGRES: server.url };
    const child = spawn(command, args, { env: environment, stdio: 'inherit' });
    process.exitCode = await new Promise((resolve) =>
      child.once('close', (code) => resolve(code ?? 1)),
    );
  } finally {
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
