import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  createLogger,
  every,
  InternalError,
  RealDisk,
  silentLogger,
  systemClock,
  systemRandom,
  UnavailableError,
} from '../../../core/index.js';
import type { PushEngineOptions } from '../engine/engine-options.js';
import { PushEngine } from '../engine/push-engine.js';
import { PortCalls } from './port-calls.js';
import { workerSealer } from './seal-runner.js';
import type {
  CopyMethods,
  HostMethods,
  PushWorkerSettings,
  WorkerMethods,
} from './worker-methods.js';

const TICK_MS = 1000;

/** The entry of the push worker: one engine, whose metadata and readers are in the main thread. */
function start(port: MessagePort, settings: PushWorkerSettings): void {
  let engine: PushEngine | null = null;
  let stopTicking = (): void => undefined;
  const running = (): PushEngine => {
    if (engine !== null) return engine;
    throw new UnavailableError('pushed rows are still being recovered; try again in a moment');
  };
  const methods: WorkerMethods = {
    async open() {
      engine = await PushEngine.open(optionsOf(host, settings));
      stopTicking = every(TICK_MS, () => running().tick());
      return engine.logId;
    },
    push: (request) => running().push(request),
    replay: (request) => running().replay(request),
    declare: ({ name, spec }) => running().declare(name, spec),
    adopt: (table) => running().adopt(table),
    give: (table) => running().give(table),
    handOff: (table) => running().handOff(table),
    addStandby: (node) => running().addStandby(node),
    // Also while it recovers: then there is nothing yet that could be released.
    released: (release) => engine?.released(release),
    stats: () => running().stats(),
    async close() {
      stopTicking();
      await engine?.close();
    },
  };
  const host = new PortCalls<HostMethods & CopyMethods>(port, methods);
}

function optionsOf(
  host: PortCalls<HostMethods & CopyMethods>,
  settings: PushWorkerSettings,
): PushEngineOptions {
  const { arenaBytes, scratchBytes, sealBytes, logLevel, ...places } = settings;
  const logger =
    logLevel === 'silent' ? silentLogger : createLogger({ level: logLevel, name: 'varve' });
  return {
    ...places,
    // A failed sync ends this thread, and that ends the process (see PushWorker).
    disk: new RealDisk({ onFatal: () => process.exit(70) }),
    clock: systemClock,
    random: systemRandom,
    logger,
    seal: workerSealer(sealBytes),
    // One batch may go beyond the budget, and growing takes the old and the new layout at once.
    arenas: { arenaBytes, maxBytes: 3 * settings.limits.memoryBytes, scratchBytes },
    catalog: {
      tables: () => host.call('tables', null),
      declare: (name, spec, position) => host.call('declare', { name, spec, position }),
      open: (name, position) => host.call('open', { name, position }),
      publish: (request) => host.call('publish', request),
    },
    chunkIntervals: (dataSource) => host.call('chunkIntervals', dataSource),
    copies: {
      begin: (node, start) => host.call('beginCopy', { node, start }),
      send: (node, group) => host.call('sendCopy', { node, group }),
      join: (node) => host.call('joinCopy', node),
      append: (group) => host.call('appendToCopies', group),
      trim: (before) => host.tell('trimCopies', before),
    },
    announce: (update) => host.tell('announce', update),
  };
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
start(parentPort, workerData as PushWorkerSettings);
