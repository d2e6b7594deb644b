import { ConflictError, FencedError, parseJson, stringifyJson } from '../../core/index.js';
import type { Db, MetadataDatabase } from './database.js';
import type { PushLogRow } from './schema.js';

/** Who has a push log, and who has copies of it that count. */
export interface PushLogState {
  /** The name of its node. */
  readonly log: string;
  /** 32 hexadecimal digits, of the log that the standbys have; null: nobody has copied it. */
  readonly logId: string | null;
  /** Who publishes of it: its node, or the one that took it over; null: all of it is published or given up, and it takes nothing more. */
  readonly holder: string | null;
  /** Grows by one whenever somebody begins or ends to hold it. */
  readonly epoch: number;
  /** Nodes that have all that it has acknowledged. */
  readonly standbys: readonly string[];
}

/** That a node holds a log since some epoch. Once another one does, all that is done with it is refused with FencedError. */
export interface LogHold {
  readonly log: string;
  readonly node: string;
  readonly epoch: number;
}

/** What a node finds that is started and wants its log. */
export type LogClaim =
  | { readonly kind: 'held'; readonly hold: LogHold }
  /** Another node took it over, and publishes it. */
  | { readonly kind: 'takenOver'; readonly by: string }
  /** All of it was published by another node: it must begin anew. */
  | { readonly kind: 'spent' }
  /** The disk does not have what was acknowledged: a standby has to take the log over. Without any, rows are lost. */
  | { readonly kind: 'lost'; readonly standbys: readonly string[] };

/**
 * The push logs of a cluster and their copies: primary and backups, with the metadata as the one that says who is which (Lin, Yang, Zhang
 * and Zhou, "PacificA", Microsoft Research 2008). A holder acknowledges what all standbys have, and strikes off one that does not follow before it
 * goes on without it; a standby takes over by becoming the holder here, which ends what the one before it may do.
 */
export class PushLogs {
  constructor(private readonly database: MetadataDatabase) {}

  /** All of them, by name. */
  async list(): Promise<PushLogState[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('push_logs').selectAll().orderBy('log').execute(),
    );
    return rows.map(stateOf);
  }

  /** By the node of the log, when it starts; `logId` is what its disk has of it, null: nothing. */
  claim(log: string, logId: string | null): Promise<LogClaim> {
    return this.database.write(async (db) => {
      const state = await stateIn(db, log);
      if (state !== null && state.holder !== null && state.holder !== log) {
        return { kind: 'takenOver', by: state.holder };
      }
      const isSame = logId !== null && logId === (state?.logId ?? logId);
      if (state?.holder === null && state.logId !== null && isSame) return { kind: 'spent' };
      const standbys = state?.standbys ?? [];
      if (!isSame && (standbys.length > 0 || (await openTable(db, log)) !== null)) {
        return { kind: 'lost', standbys };
      }
      const epoch = (state?.epoch ?? 0) + 1;
      await store(db, { log, logId: null, holder: log, epoch, standbys: [] });
      return { kind: 'held', hold: { log, node: log, epoch } };
    });
  }

  /** Says which nodes have all that the log has acknowledged. Throws FencedError. */
  async setStandbys(hold: LogHold, logId: string, standbys: readonly string[]): Promise<void> {
    await this.database.write(async (db) => {
      const state = await checkHold(db, hold);
      await store(db, { ...state, logId, standbys });
    });
  }

  /** Makes a standby the holder, and does so again where it is. Throws ConflictError when its copy does not count. */
  takeOver(log: string, logId: string, node: string): Promise<LogHold> {
    return this.database.write(async (db) => {
      const state = await stateIn(db, log);
      if (state?.logId === logId && state.holder === node) {
        return { log, node, epoch: state.epoch };
      }
      if (state?.logId !== logId || state.holder === null || !state.standbys.includes(node)) {
        throw new ConflictError(
          `the copy of the log "${log}" at "${node}" does not count: it is not known to have all that was acknowledged`,
        );
      }
      const epoch = state.epoch + 1;
      const standbys = state.standbys.filter((standby) => standby !== node);
      await store(db, { ...state, holder: node, epoch, standbys });
      return { log, node, epoch };
    });
  }

  /** The copy is lost: the node does not count as a standby any more. One that had taken the log over gives it back. */
  async disclaim(log: string, logId: string, node: string): Promise<void> {
    await this.database.write(async (db) => {
      const state = await stateIn(db, log);
      if (state?.logId !== logId) return;
      const standbys = state.standbys.filter((standby) => standby !== node);
      const isHolder = state.holder === node;
      const held = isHolder ? { holder: log, epoch: state.epoch + 1 } : {};
      await store(db, { ...state, ...held, standbys });
    });
  }

  /** By a node that leaves, and has published all: nobody need take its log over. Throws FencedError. */
  async release(hold: LogHold): Promise<void> {
    await this.database.write(async (db) => {
      const state = await checkHold(db, hold);
      await store(db, { ...state, logId: null, epoch: state.epoch + 1, standbys: [] });
    });
  }

  /** By who took a log over and has published all of it. Throws ConflictError while a table has rows in it, and FencedError. */
  async finish(hold: LogHold): Promise<void> {
    await this.database.write(async (db) => {
      const state = await checkHold(db, hold);
      const table = await openTable(db, hold.log);
      if (table !== null) {
        throw new ConflictError(`the table "${table}" has not left the log "${hold.log}"`);
      }
      await store(db, { ...state, holder: null, epoch: state.epoch + 1, standbys: [] });
    });
  }
}

/** Throws FencedError unless the node holds the log, as a part of the caller's transaction. */
export async function checkHold(db: Db, { log, node, epoch }: LogHold): Promise<PushLogState> {
  const state = await stateIn(db, log);
  if (state !== null && state.holder === node && state.epoch === epoch) return state;
  throw new FencedError(
    `the log "${log}" is held by ${state?.holder ?? 'nobody'} in epoch ${state?.epoch ?? 0}, not by ${node} in epoch ${epoch} any more; nothing was changed`,
    log,
  );
}

/**
 * A node is given up, with its log and those that it took over, as a part of the caller's transaction. Gives the names of these logs, of which
 * rows may be lost.
 */
export async function giveUpLogs(db: Db, node: string): Promise<string[]> {
  const all = db.selectFrom('push_logs').selectAll();
  const held = all.where((eb) => eb.or([eb('holder', '=', node), eb('log', '=', node)]));
  const logs: string[] = [];
  for (const state of (await held.execute()).map(stateOf)) {
    await store(db, { ...state, holder: null, epoch: state.epoch + 1, standbys: [] });
    logs.push(state.log);
  }
  return [...new Set([node, ...logs])];
}

/** The ids of logs of which nothing will be published: that is done by who took them over, or they were given up. */
export async function readEndedLogs(db: Db): Promise<string[]> {
  const ended = db.selectFrom('push_logs').select('log_id').where('holder', 'is', null);
  return (await ended.execute()).flatMap(({ log_id }) => log_id ?? []);
}

/** One of the tables that may have rows in the log which are not published; null: there is none. */
async function openTable(db: Db, log: string): Promise<string | null> {
  const open = db.selectFrom('push_positions').select('name').where('log', '=', log);
  return (await open.limit(1).executeTakeFirst())?.name ?? null;
}

async function stateIn(db: Db, log: string): Promise<PushLogState | null> {
  const row = db.selectFrom('push_logs').selectAll().where('log', '=', log);
  const found = await row.executeTakeFirst();
  return found === undefined ? null : stateOf(found);
}

const stateOf = ({ log, log_id, holder, epoch, standbys }: PushLogRow): PushLogState => ({
  log,
  logId: log_id,
  holder,
  epoch,
  standbys: parseJson(standbys) as string[],
});

async function store(db: Db, { log, logId, holder, epoch, standbys }: PushLogState): Promise<void> {
  const row = { log_id: logId, holder, epoch, standbys: stringifyJson(standbys) };
  await db
    .insertInto('push_logs')
    .values({ log, ...row })
    .onConflict((conflict) => conflict.column('log').doUpdateSet(row))
    .execute();
}
