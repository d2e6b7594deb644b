import {
  ConflictError,
  CorruptLogError,
  type Disk,
  type Random,
  UnavailableError,
} from '../../../core/index.js';
import { logIdIn, PushLog } from '../../log/push-log.js';
import type { CopyStart, LogGroup } from './types.js';

export interface LogCopiesOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The copy of each log is a directory below it, by the log's name. */
  readonly directory: string;
}

/** A copy that is on disk. */
export interface KeptCopy {
  readonly log: string;
  readonly logId: string;
}

interface OpenCopy {
  readonly session: string;
  readonly log: PushLog;
}

/**
 * Copies of the push logs of other nodes: the same commands at the same positions. Each is written by one session of the node that has the log,
 * from a beginning on and without gaps; a process that is started anew keeps what it has, and is written to by new sessions only.
 */
export class LogCopies {
  readonly #open = new Map<string, OpenCopy>();

  constructor(private readonly options: LogCopiesOptions) {}

  directoryOf(log: string): string {
    return `${this.options.directory}/${log}`;
  }

  /** All that are on disk, be it from another process. One whose files do not belong together is none, and can begin anew. */
  list(): KeptCopy[] {
    const { disk, directory } = this.options;
    return disk.list(directory).flatMap((log) => {
      const logId = this.#idIn(log);
      return logId === null ? [] : { log, logId };
    });
  }

  /** Begins anew: what was there of the log is removed. Throws UnavailableError when the disk refuses. */
  begin(log: string, session: string, { logId, position, checkpoint }: CopyStart): void {
    this.remove(log);
    const { disk, random } = this.options;
    const directory = this.directoryOf(log);
    const first = { id: logId, position };
    const opened = PushLog.open({ disk, random, directory, first });
    opened.log.roll(checkpoint);
    this.#open.set(log, { session, log: opened.log });
  }

  /**
   * Everything is on disk when this returns. Throws ConflictError for a session that is not the one that writes, and for a group that
   * does not follow; UnavailableError when the disk refuses: then the copy is of no use any more.
   */
  append(log: string, session: string, { position, checkpoint, payloads }: LogGroup): void {
    const copy = this.#of(log, session);
    if (copy.end !== position) {
      throw new ConflictError(
        `the copy of the log "${log}" ends at ${copy.end}, not at ${position}; copy it anew`,
      );
    }
    try {
      if (checkpoint !== null) copy.roll(checkpoint);
      if (payloads.length > 0) copy.append(payloads, true);
    } catch (error) {
      this.close(log);
      throw error;
    }
  }

  trim(log: string, session: string, before: number): void {
    this.#of(log, session).trim(before);
  }

  /** Nobody writes to it any more; it stays on disk. */
  close(log: string): void {
    this.#open.get(log)?.log.close();
    this.#open.delete(log);
  }

  remove(log: string): void {
    this.close(log);
    this.options.disk.removeTree(this.directoryOf(log));
  }

  closeAll(): void {
    for (const log of [...this.#open.keys()]) this.close(log);
  }

  #idIn(log: string): string | null {
    try {
      return logIdIn(this.options.disk, this.directoryOf(log));
    } catch (error) {
      // A power cut may leave any of the files of a copy that was being removed.
      if (error instanceof CorruptLogError) return null;
      throw error;
    }
  }

  #of(log: string, session: string): PushLog {
    const copy = this.#open.get(log);
    if (copy?.session === session) return copy.log;
    throw new UnavailableError(
      `this node has no copy of the log "${log}" that the session ${session} may write`,
    );
  }
}
