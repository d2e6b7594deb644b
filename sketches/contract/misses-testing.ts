import type { Bound } from './contract-testing.js';

/** How often bounds of one kind and name do not hold, of independent streams. */
export class Misses {
  readonly #tallies = new Map<string, { chances: number; runs: number; missed: number[] }>();

  count(kind: string, { name, chance }: Bound<unknown>, seed: number, holds: boolean): void {
    const key = `${kind}: ${name}`;
    const tally = this.#tallies.get(key) ?? { chances: 0, runs: 0, missed: [] };
    this.#tallies.set(key, tally);
    tally.runs++;
    tally.chances += chance;
    if (!holds) tally.missed.push(seed);
  }

  /** A line for each bound that is missed more often than its chance explains. */
  tooMany(): string[] {
    return [...this.#tallies].flatMap(([bound, { chances, runs, missed }]) => {
      // Of unlike chances the sum spreads no further than that of as many like ones (Hoeffding 1956).
      const most = mostMisses(runs, chances / runs);
      if (missed.length <= most) return [];
      const seeds = missed.slice(0, 10);
      return `${bound}: missed by ${missed.length} of ${runs}, want ${most} at most; seeds ${seeds}`;
    });
  }
}

/** More misses come less than once in ten million, if each run misses with this chance. */
function mostMisses(runs: number, chance: number): number {
  if (chance === 0) return 0;
  let probability = (1 - chance) ** runs;
  let upTo = probability;
  let most = 0;
  while (1 - upTo > 1e-7 && most < runs) {
    probability *= ((runs - most) / (most + 1)) * (chance / (1 - chance));
    upTo += probability;
    most++;
  }
  return most;
}
