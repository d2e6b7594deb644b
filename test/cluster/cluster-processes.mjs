import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresServer } from '../services/postgres.mjs';
import { S3Server } from '../services/s3.mjs';
import { NodeProcess } from './node-process.mjs';

export const ROLES = ['coordinator', 'historical', 'realtime', 'broker'];

/** What a whole cluster is on one machine. */
export const WHOLE = { broker: 2, historical: 3, realtime: 2, coordinator: 2 };

/** Many processes share a machine of a few cores. */
const FRUGAL = {
  logLevel: 'info',
  query: { workers: 1 },
  memory: { segmentBytes: '512MiB', arenaBytes: '256MiB', scratchBytes: '64MiB' },
};

/** A cluster of real processes on this machine, with the services that they need; all of it ends with this process. */
export class ClusterProcesses {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Starts the services, then every node, and waits until all answer. */
  static async start(options = {}) {
    const { nodes: counts = WHOLE, storage = 'local' } = options;
    const directory = mkdtempSync(join(tmpdir(), 'varve-cluster-'));
    const reaper = startReaper();
    reaper.directory(directory);
    const cluster = new ClusterProcesses({
      directory,
      reaper,
      nodes: [],
      postgres: null,
      s3: null,
    });
    try {
      cluster.postgres = await PostgresServer.start(reaper.watch);
      reaper.directory(cluster.postgres.directory);
      if (storage === 's3') {
        cluster.s3 = await S3Server.start(reaper.watch);
        reaper.directory(cluster.s3.directory);
      }
      cluster.nodes = await cluster.#nodes(counts, options);
      await Promise.all(cluster.nodes.map((node) => node.start()));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The nodes of a role; what the role does is asked of any of them. */
  of(role) {
    return this.nodes.filter((node) => node.role === role);
  }

  node(name) {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  /** The ends of the logs of all nodes, to be read where something has failed. */
  logs(lines = 25) {
    return this.nodes.map((node) => `---- ${node.name}\n${node.log(lines)}`).join('\n');
  }

  /** Ends everything at once, and removes what it wrote. */
  async close() {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.s3?.close();
    await this.postgres?.close();
    rmSync(this.directory, { recursive: true, force: true });
    this.reaper.close();
  }

  async #nodes(counts, { localRoots = [], config = {}, cluster = {} }) {
    const names = ROLES.flatMap((role) =>
      Array.from({ length: counts[role] ?? 0 }, (_, i) => ({ role, name: `${role}-${i + 1}` })),
    );
    const ports = await freePorts(names.length);
    const shared = {
      secret: { environment: 'VARVE_CLUSTER_SECRET' },
      metadata: { url: this.postgres.url, maxConnections: 4 },
      deepStorage: this.#deepStorage(),
      ...cluster,
    };
    const environment = this.#environment();
    return names.map(({ name, role }, i) => {
      const own = { port: ports[i], localRoots, cluster: { name, roles: [role], ...shared } };
      const directory = join(this.directory, name);
      const { reaper } = this;
      return new NodeProcess({
        name,
        role,
        directory,
        environment,
        reaper,
        config: { ...FRUGAL, ...config, ...own },
      });
    });
  }

  #deepStorage() {
    if (this.s3 === null) {
      const path = join(this.directory, 'deep');
      mkdirSync(path);
      return { type: 'local', path };
    }
    const { origin, pathname } = new URL(this.s3.url);
    return {
      type: 's3',
      endpoint: origin,
      bucket: pathname.slice(1),
      credentials: {
        accessKeyId: { environment: 'VARVE_S3_KEY' },
        secretAccessKey: { environment: 'VARVE_S3_SECRET' },
      },
    };
  }

  #environment() {
    const secret = { VARVE_CLUSTER_SECRET: randomBytes(32).toString('hex') };
    if (this.s3 === null) return secret;
    const { username, password } = new URL(this.s3.url);
    return { ...secret, VARVE_S3_KEY: username, VARVE_S3_SECRET: decodeURIComponent(password) };
  }
}

/** Ends what it is told of when this process has gone, even by kill -9. */
function startReaper() {
  const program = join(dirname(fileURLToPath(import.meta.url)), 'reaper.mjs');
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  child.stdin.on('error', () => undefined);
  const tell = (line) => void child.stdin.write(`${line}\n`);
  return {
    watch(child) {
      tell(`run ${child.pid}`);
      child.once('exit', () => tell(`ended ${child.pid}`));
    },
    directory: (path) => tell(`directory ${path}`),
    close: () => void child.stdin.end(),
  };
}

/** Ports that nobody listens on; all are held until the last is found, so that they differ. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((done) => server.once('listening', done))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
