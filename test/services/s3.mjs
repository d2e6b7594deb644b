#!/usr/bin/env node
/**
 * An S3 server for tests: Versity's gateway over a temporary directory, on a free port of the loopback interface. It is built with Go
 * once, and kept below node_modules/.cache. `node test/services/s3.mjs COMMAND …` runs a command with its URL, credentials and
 * bucket in VARVE_TEST_S3.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MODULE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const CACHE = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/services');
const PROGRAM = join(CACHE, 'versitygw');

/** How long a start may take before it has failed. */
const START_MS = 60_000;

const ACCESS_KEY = 'varve';
const SECRET_KEY = 'varve-secret';
const BUCKET = 'varve';

/** Whether the server has been built on this machine, or can be. */
export function canRunS3() {
  if (existsSync(PROGRAM)) return true;
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds the server where it is not there; takes two minutes or three. */
function ensureProgram() {
  if (existsSync(PROGRAM)) return;
  mkdirSync(CACHE, { recursive: true });
  const environment = { ...process.env, GOBIN: CACHE, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
  const args = ['install', '-ldflags=-s -w', MODULE];
  execFileSync('go', args, {
    env: environment,
    cwd: tmpdir(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that can be stopped, killed and started again; its data goes when it is closed. */
export class S3Server {
  #process = null;

  constructor(directory, port, onSpawn) {
    this.onSpawn = onSpawn;
    this.directory = directory;
    this.port = port;
  }

  /** Starts one with an empty bucket; `onSpawn` is given each process that it runs in. */
  static async start(onSpawn = () => undefined) {
    ensureProgram();
    const directory = mkdtempSync(join(tmpdir(), 'varve-s3-'));
    // A directory is a bucket.
    for (const name of [`data/${BUCKET}`, 'metadata', 'iam']) {
      mkdirSync(join(directory, name), { recursive: true });
    }
    const server = new S3Server(directory, await freePort(), onSpawn);
    await server.run();
    return server;
  }

  /** Endpoint, credentials and bucket. */
  get url() {
    return `http://${ACCESS_KEY}:${SECRET_KEY}@127.0.0.1:${this.port}/${BUCKET}`;
  }

  /** Null while it does not run. */
  get pid() {
    return this.#process?.pid ?? null;
  }

  /** Starts it, after it was stopped or killed; settles when it answers. */
  async run() {
    const address = `127.0.0.1:${this.port}`;
    const server = ['--port', address, '--access', ACCESS_KEY, '--secret', SECRET_KEY];
    const quiet = [
      '--quiet',
      '--health',
      '/health',
      '--keep-alive',
      '--iam-dir',
      join(this.directory, 'iam'),
    ];
    // Not every temporary directory takes extended attributes.
    const backend = ['posix', '--sidecar', join(this.directory, 'metadata')];
    const child = spawn(PROGRAM, [...server, ...quiet, ...backend, join(this.directory, 'data')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.onSpawn(child);
    let log = '';
    child.stderr.on('data', (bytes) => {
      log = `${log}${bytes}`.slice(-4000);
    });
    for (let waitedMs = 0; waitedMs < START_MS && child.exitCode === null; waitedMs += 50) {
      if (await this.#isReady()) return;
      await wait(50);
    }
    throw new Error(`the S3 server does not start:\n${log}`);
  }

  stop() {
    return this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  kill() {
    return this.#end('SIGKILL');
  }

  async restart() {
    await this.stop();
    await this.run();
  }

  /** Ends it and removes its data. */
  async close() {
    await this.#end('SIGKILL');
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

  async #isReady() {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health`)).ok;
    } catch {
      return false;
    }
  }
}

async function main([command, ...args]) {
  const server = await S3Server.start();
  try {
    const environment = { ...process.env, VARVE_TEST_S3: server.url };
    const child = spawn(command, args, { env: environment, stdio: 'inherit' });
    process.exitCode = await new Promise((resolve) => {
      child.once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
