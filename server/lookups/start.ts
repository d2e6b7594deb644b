import type { SettingsTable } from '../../cluster/index.js';
import { every, type Logger, systemClock } from '../../core/index.js';
import { type InputEnvironment, ThreadLoader } from '../../ingest/index.js';
import { Lookups } from './lookups.js';

/** So often it is asked whether files of lookups are due to be looked at. */
const PERIOD_MS = 1000;

export interface RunningLookups {
  readonly lookups: Lookups;
  close(): Promise<void>;
}

/** Opens the lookups of a node, and looks after them until they are closed. */
export async function startLookups(
  settings: SettingsTable,
  input: InputEnvironment,
  maxBytes: number,
  logger: Logger,
): Promise<RunningLookups> {
  const loader = new ThreadLoader({ ...input, maxEntityBytes: maxBytes }, maxBytes);
  const lookups = await Lookups.open(settings, { loader, input, clock: systemClock, logger });
  const stop = every(PERIOD_MS, () => lookups.tick());
  return {
    lookups,
    async close() {
      stop();
      lookups.close();
      await loader.close();
    },
  };
}
