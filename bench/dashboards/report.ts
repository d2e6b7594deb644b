import type { Machine } from '../query/machine.js';
import { table } from '../query/markdown.js';
import { ENGINE_NAMES, type Engine } from '../query/peer.js';
import { percentile, type Round } from './closed-loop.js';

export interface EngineRounds {
  readonly engine: Engine;
  readonly version: string;
  readonly rounds: readonly Round[];
  /** Of the whole engine, by round; NaN where it shares its process with clients. */
  readonly cpuMs: readonly number[];
}

export interface Report {
  readonly rows: number;
  readonly clients: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly engines: readonly EngineRounds[];
  /** CPU time of Varve's clients, by round. */
  readonly clientCpuMs: readonly number[];
}

const perSecond = ({ requests, seconds }: Round): number => requests / seconds;

/** The round with the most requests: what else the machine did took least of it. */
export function bestRound(rounds: readonly Round[]): number {
  const rates = rounds.map(perSecond);
  return rates.indexOf(Math.max(...rates));
}

/** As Markdown. */
export function reportText({ rows, clients, machine, engines, ...report }: Report): string {
  const best = engines.map(({ rounds }) => rounds[bestRound(rounds)]!);
  const own = perSecond(best[0]!);
  const lines = engines.map(({ engine, version }, i) => {
    const { latencies } = best[i]!;
    const rate = perSecond(best[i]!);
    return [
      `${ENGINE_NAMES[engine]} ${version}`,
      rate.toFixed(rate < 100 ? 1 : 0),
      ...[0.5, 0.99].map((share) => percentile(latencies, share).toFixed(1)),
      i === 0 ? '' : `${(own / rate).toFixed(1)}x`,
    ];
  });
  const head = ['engine', 'requests/s', 'p50 ms', 'p99 ms', 'Varve is faster by'];
  return `${rows.toLocaleString('en-US')} rows, ${clients} clients, ${engines[0]!.rounds.length} rounds of ${report.seconds} s, of which the best counts; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit}.

${table(head, lines)}

${cpuText(engines[0]!, report.clientCpuMs)}`;
}

function cpuText({ rounds, cpuMs }: EngineRounds, clientCpuMs: readonly number[]): string {
  const at = bestRound(rounds);
  const perRequest = (ms: number): string => (ms / rounds[at]!.requests).toFixed(2);
  return `CPU time of a request: ${perRequest(cpuMs[at]!)} ms of Varve, ${perRequest(clientCpuMs[at]!)} ms of its clients.`;
}
