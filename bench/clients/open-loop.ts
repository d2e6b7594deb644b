/** How a request ended. */
export type Outcome = 'answered' | 'refused' | 'failed';

/** What became of a request. Times in milliseconds, the moment since the begin of the loop. */
export interface Sent {
  readonly scheduledMs: number;
  /** From the moment it was to be sent at, whether or not it was. */
  readonly latencyMs: number;
  readonly outcome: Outcome;
}

/** So many requests a second for so long. */
export interface Stretch {
  readonly perSecond: number;
  readonly seconds: number;
}

export interface OpenRound {
  readonly sent: readonly Sent[];
  /** Requests that were due while too many were under way: they were not sent. */
  readonly skipped: number;
}

export interface OpenOptions {
  readonly stretches: readonly Stretch[];
  /** The place of the first question. */
  readonly start: number;
  readonly maxUnderWay: number;
}

/** Asks by a schedule, whether or not there are answers: whoever waits for an answer before it asks again does not see how long others would have waited. */
export async function openLoop(
  ask: (place: number) => Promise<Outcome>,
  { stretches, start, maxUnderWay }: OpenOptions,
): Promise<OpenRound> {
  const times = schedule(stretches);
  const sent: Sent[] = [];
  const underWay = new Set<Promise<void>>();
  let skipped = 0;
  const begin = performance.now();
  const now = () => performance.now() - begin;
  const send = async (scheduledMs: number, place: number): Promise<void> => {
    const outcome = await ask(place);
    sent.push({ scheduledMs, latencyMs: now() - scheduledMs, outcome });
  };
  for (let i = 0; i < times.length; ) {
    for (; i < times.length && times[i]! <= now(); i++) {
      if (underWay.size >= maxUnderWay) {
        skipped++;
        continue;
      }
      const request = send(times[i]!, start + i);
      underWay.add(request);
      void request.finally(() => underWay.delete(request));
    }
    const waitMs = (times[i] ?? 0) - now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs - 1));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(underWay);
  return { sent, skipped };
}

/** When each request is due, evenly within each stretch. */
export function schedule(stretches: readonly Stretch[]): number[] {
  const times: number[] = [];
  let fromMs = 0;
  for (const { perSecond, seconds } of stretches) {
    const count = Math.floor(perSecond * seconds);
    for (let i = 0; i < count; i++) times.push(fromMs + (i * 1000) / perSecond);
    fromMs += seconds * 1000;
  }
  return times;
}
