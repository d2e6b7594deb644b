import { type Logger, pause, type Timers } from '../../core/index.js';
import type { LogHold, PushLogs } from '../metadata/push-logs.js';

export interface ClaimOptions {
  readonly logs: Pick<PushLogs, 'claim'>;
  /** The log of this node, by its name. */
  readonly log: string;
  /** The id of what the disk holds of it; null: nothing. */
  logId(): string | null;
  /** Removes what the disk holds of it. */
  discard(): void;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Between two looks, while another node has it. */
  readonly pauseMs: number;
}

/**
 * Makes this node the holder of its log. While another node publishes what the log had, or is to because this disk has lost it, this waits; and
 * what was published then is removed here. Rejects with the reason of the signal.
 */
export async function claimLog(options: ClaimOptions): Promise<LogHold> {
  const { logs, log, logId, discard, timers, logger, signal, pauseMs } = options;
  let told = '';
  for (;;) {
    const claim = await logs.claim(log, logId());
    if (claim.kind === 'held') return claim.hold;
    if (claim.kind === 'spent') {
      logger.info({ log }, 'another node has published what this log had; it begins anew');
      discard();
      continue;
    }
    if (told !== claim.kind) {
      if (claim.kind === 'lost') {
        const { standbys } = claim;
        logger.warn(
          { log, standbys },
          'this disk has lost the log: a standby has to publish it first; where none will be back, give this node up (POST /v1/nodes/{name}/give-up)',
        );
      } else logger.info({ log, by: claim.by }, 'another node publishes what this log had');
    }
    told = claim.kind;
    await pause(timers, pauseMs, signal);
  }
}
