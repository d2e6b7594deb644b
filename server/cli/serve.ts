import { resolve } from 'node:path';
import { Command } from 'commander';
import { isJsonObject, RealDisk, UserError, utf8Decode } from '../../core/index.js';
import { type Config, type ConfigInput, parseConfig, parseConfigText } from '../config.js';
import { withEnvironment } from '../config-environment.js';
import { type Running, start } from '../server.js';

/** Flags of `varve serve`; each wins over the environment, which wins over the configuration file. */
export interface ServeFlags {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly localRoot?: readonly string[];
  readonly config?: string;
  readonly logLevel?: Config['logLevel'];
  readonly insecure?: boolean;
  readonly roles?: string;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('start a server on a data directory')
    .option('--port <number>', 'port to listen on, 0 for any free one (default 8888)')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--data-dir <directory>', 'where the data lives (default ./varve-data)')
    .option('--local-root <directory...>', 'directories that ingestion may read files from')
    .option('--config <file>', 'configuration as JSON; VARVE_… variables and flags win over it')
    .option('--roles <roles>', 'of a node of a cluster: such as broker or historical,coordinator')
    .option('--log-level <level>', 'silent, error, warn, info or debug (default info)')
    .option('--insecure', 'allow addresses off loopback, without authentication')
    .action(async (flags: ServeFlags) => {
      const server = await start(serveConfig(flags, process.env));
      process.stdout.write(`listening on ${server.url}\n`);
      closeOnSignal(server);
    });
}

/** The configuration that the file, the environment and the flags make together. */
export function serveConfig(
  flags: ServeFlags,
  environment: Readonly<Record<string, string | undefined>> = {},
): Config {
  const read = flags.config === undefined ? {} : readConfig(flags.config);
  const { config: given, variables } = withEnvironment(read, environment);
  const { port, host, dataDir, localRoot = [], insecure, logLevel } = flags;
  const { localRoots = [] } = given;
  const chosen = {
    ...(port === undefined ? {} : { port: /^\d+$/.test(port) ? Number(port) : port }),
    ...(host === undefined ? {} : { host }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(flags.roles === undefined ? {} : { cluster: withRoles(given.cluster, flags.roles) }),
    // Anything but a list is left for parseConfig to refuse.
    ...(Array.isArray(localRoots) ? { localRoots: [...localRoots, ...localRoot] } : {}),
  };
  return parseConfig({ ...given, ...chosen }, variables);
}

function withRoles(cluster: unknown, roles: string): unknown {
  if (isJsonObject(cluster))
    return { ...cluster, roles: roles.split(',').map((role) => role.trim()) };
  throw new UserError(
    `--roles: nodes of a cluster have roles, and the configuration has no cluster; give one in the file of --config or by VARVE_CLUSTER__… variables, or leave --roles out; got ${JSON.stringify(roles)}`,
    'request',
    'roles',
  );
}

const readConfig = (path: string): ConfigInput =>
  parseConfigText(utf8Decode(new RealDisk().readFile(resolve(path))));

/** On SIGTERM or SIGINT lets running requests finish, then ends; a second signal ends at once. */
export function closeOnSignal(server: Running): void {
  let closing = false;
  const close = () => {
    if (closing) process.exit(130);
    closing = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`varve: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
