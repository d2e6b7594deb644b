/** Asks the question at a place of the sequence. */
export type Ask = (place: number) => Promise<unknown>;

/** What clients saw. */
export interface Round {
  readonly requests: number;
  readonly seconds: number;
  /** Of each request, ascending, in milliseconds. */
  readonly latencies: readonly number[];
}

export interface LoopPlan {
  readonly seconds: number;
  /** The place of the first question: other rounds shall ask others. */
  readonly start: number;
}

/** Each client asks the next question when it has its answer; ends with those that are under way when time is up. */
export async function closedLoop(
  clients: readonly Ask[],
  { seconds, start }: LoopPlan,
): Promise<Round> {
  const latencies: number[] = [];
  let place = start;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(
    clients.map(async (ask) => {
      for (let from = performance.now(); from < end; from = performance.now()) {
        await ask(place++);
        latencies.push(performance.now() - from);
      }
    }),
  );
  return {
    requests: latencies.length,
    seconds: (performance.now() - begin) / 1000,
    latencies: latencies.sort((a, b) => a - b),
  };
}

/** The value that a share of the ascending ones is not above. NaN of nothing. */
export function percentile(ascending: readonly number[], share: number): number {
  const place = Math.ceil(share * ascending.length) - 1;
  return ascending[Math.max(0, place)] ?? Number.NaN;
}
