import type { NodeMethod } from '../transport/types.js';
import type { OwnedTables } from './owned-tables.js';
import { readDeclare, readPush, readReplay, readTable } from './push-wire.js';

export const PUSH = 'push';
export const REPLAY = 'push/replay';
export const DECLARE = 'push/declare';
export const HAND_OFF = 'push/hand-off';
export const PUSH_STATS = 'push/stats';

const ROLES = {
  servedBy: ['realtime'],
  calledBy: ['broker', 'realtime', 'coordinator'],
} as const;

/** How a realtime node takes what other nodes were sent for its tables. */
export function pushMethods(owned: OwnedTables, maxBodyBytes: number): NodeMethod[] {
  return [
    {
      name: PUSH,
      ...ROLES,
      maxRequestBytes: maxBodyBytes + HEAD_BYTES,
      async handle(request) {
        const push = await readPush(request);
        return { message: await owned.run(push.table, (worker) => worker.push(push)) };
      },
    },
    {
      name: REPLAY,
      ...ROLES,
      async handle(request) {
        const replay = readReplay(request);
        return { message: await owned.run(replay.table, (worker) => worker.replay(replay)) };
      },
    },
    {
      name: DECLARE,
      ...ROLES,
      async handle(request) {
        const { table, spec } = readDeclare(request);
        return { message: { version: await owned.run(table, (w) => w.declare(table, spec)) } };
      },
    },
    {
      name: HAND_OFF,
      ...ROLES,
      async handle(request) {
        const table = readTable(request);
        await owned.run(table, (worker) => worker.handOff(table));
        return { message: null };
      },
    },
    { name: PUSH_STATS, ...ROLES, handle: async () => ({ message: await owned.stats() }) },
  ];
}

/** What a push has beside its body, with names of columns. */
const HEAD_BYTES = 4 << 20;
