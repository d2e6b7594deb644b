import type { LogRange, PushLog } from '../../log/push-log.js';
import { type Command, encodeCommand } from '../command.js';
import type { StandbyCopies } from './standby-copies.js';

/** Commands that are in the log of this node. */
export interface LoggedCommands {
  readonly ranges: readonly LogRange[];
  /** Resolves when all standbys have them; rejects when that will never be known: then they must not be acknowledged. */
  readonly copied: Promise<void>;
}

/** The log of commands, on this node and on its standbys. */
export class CommandLog {
  constructor(
    private readonly log: PushLog,
    private readonly standbys: StandbyCopies,
    /** The state after all commands so far. */
    private readonly checkpoint: () => Uint8Array,
  ) {}

  get id(): string {
    return this.log.id;
  }

  get end(): number {
    return this.log.end;
  }

  get sizeBytes(): number {
    return this.log.sizeBytes;
  }

  /**
   * Logs a group, and syncs it when `durable`, while standbys do the same. Throws UnavailableError when the disk does not take it: then
   * nothing of it has happened, here or elsewhere.
   */
  append(commands: readonly Command[], durable: boolean): LoggedCommands {
    const { log } = this;
    const checkpoint = log.wantsRoll ? this.checkpoint() : null;
    if (checkpoint !== null) log.roll(checkpoint);
    const position = log.end;
    const payloads = commands.map(encodeCommand);
    const ranges = log.append(payloads, false);
    const copied = this.standbys.append({ position, checkpoint, payloads });
    // Who does not come to wait for it has failed otherwise.
    copied.catch(() => undefined);
    if (durable) log.sync();
    return { ranges, copied };
  }

  /** Makes all commands so far durable, on this node: standbys have synced what they have. */
  sync(): void {
    this.log.sync();
  }

  roll(): void {
    this.log.roll(this.checkpoint());
  }

  trim(before: number): void {
    this.log.trim(before);
    this.standbys.trim(before);
  }

  close(): void {
    this.log.close();
  }
}
