import type { Config } from '../config.js';

/** Which queries count together, as Druid's laning strategies have it, and how many of each lane may run at once. */
export interface Lanes {
  readonly limits: ReadonlyMap<string, number>;
  /** Null: none that is bounded. */
  laneOf(priority: number, asked: string | null): string | null;
}

export type LaneSettings = Config['query']['scheduler']['lanes'];

/** The lane of queries of negative priority, where these are bounded. */
const LOW = 'low';

/** Of a server that runs `maxRunning` queries at once. A share of them is rounded up. */
export function lanesOf(settings: LaneSettings, maxRunning: number): Lanes {
  const limits = limitsOf(settings, maxRunning);
  const isLow = (priority: number) => settings.strategy === 'hilo' && priority < 0;
  return {
    limits,
    laneOf(priority, asked) {
      if (isLow(priority)) return LOW;
      return asked !== null && limits.has(asked) ? asked : null;
    },
  };
}

function limitsOf(settings: LaneSettings, maxRunning: number): Map<string, number> {
  const share = (percent: number) => Math.max(1, Math.ceil((maxRunning * percent) / 100));
  switch (settings.strategy) {
    case 'none':
      return new Map();
    case 'hilo':
      return new Map([[LOW, share(settings.maxLowPercent)]]);
    case 'manual': {
      const { lanes, isLimitPercent } = settings;
      const limitOf = (limit: number) => (isLimitPercent ? share(limit) : limit);
      return new Map(Object.entries(lanes).map(([name, limit]) => [name, limitOf(limit)]));
    }
  }
}
