import type { PushWorker } from '../../ingest/index.js';
import type { LogHold } from '../metadata/push-logs.js';
import type { PushTables } from '../metadata/push-tables.js';
import { chooseOwner } from '../realtime/table-owners.js';

export interface PublishLogOptions {
  /** Of the log of another node, which is lost. */
  readonly hold: LogHold;
  readonly tables: Pick<PushTables, 'owners' | 'logs' | 'move'>;
  /** Over the copy of the log. */
  readonly worker: Pick<PushWorker, 'handOff' | 'give'>;
  /** Realtime nodes that live. */
  nodes(): readonly string[];
}

/**
 * Publishes what a log has that is not published, and gives the tables of its node to others, with what is known of their producers: each takes
 * rows again as soon as it has moved. Done again it goes on where it was.
 */
export async function publishLog({
  hold,
  tables,
  worker,
  nodes,
}: PublishLogOptions): Promise<string[]> {
  const { log, node: self } = hold;
  const open = new Set(
    (await tables.logs()).flatMap((each) => (each.log === log ? each.table : [])),
  );
  const moved: string[] = [];
  for (const [table, { node, epoch }] of await tables.owners()) {
    if (node !== log) continue;
    if (open.has(table)) await worker.handOff(table);
    const given = open.has(table) ? await worker.give(table) : { position: null, state: null };
    const to = chooseOwner((await tables.owners()).values(), nodes()) ?? self;
    await tables.move({ table, from: log, epoch, to, hold, ...given });
    moved.push(table);
  }
  return moved;
}
