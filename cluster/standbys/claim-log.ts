import { type Logger, pause, type Timers } from '../../core/index.js';
import type { LogClaim, LogHold, PushLogs } from '../metadata/push-logs.js';

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
 * what was published then is removed here. Where nobody has it any more, this waits until the node is given up: rows are not lost without
 * somebody saying so. Rejects with the reason of the signal.
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
    const text = reasonOf(claim);
    if (told !== text) logger.warn({ log }, text);
    told = text;
    await pause(timers, pauseMs, signal);
  }
}

function reasonOf(claim: LogClaim & { readonly kind: 'takenOver' | 'lost' }): string {
  if (claim.kind === 'takenOver') return `the node "${claim.by}" publishes what this log had`;
  const [which, end] =
    claim.standbys.length === 0
      ? ['no node has a copy of it', 'bring the disk back, or give this node up']
      : [
          `it has to be published first by one of: ${claim.standbys.join(', ')}`,
          'where none of them will be back, give this node up',
        ];
  return `this disk does not have the log with rows that were acknowledged; ${which}; ${end} (POST /v1/nodes/{name}/give-up)`;
}
