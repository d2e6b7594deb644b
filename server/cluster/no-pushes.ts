import { UnsupportedError } from '../../core/index.js';
import type { PushPort } from '../push/pushes.js';

const refuse = async (): Promise<never> => {
  throw new UnsupportedError(
    'nodes of a cluster do not take pushed rows yet; load rows by a task at /druid/indexer/v1/task, or push them to a single server',
  );
};

/** Pushes where no node takes any. */
export const noPushes: PushPort = {
  push: refuse,
  replay: refuse,
  declare: refuse,
  handOff: refuse,
  stats: async () => ({
    tables: [],
    position: 0,
    waitingPushes: 0,
    waitingBytes: 0,
    lagMs: 0,
    logBytes: 0,
    memoryBytes: 0,
    blocked: null,
  }),
};
