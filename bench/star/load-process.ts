/**
 * One load of one file, in a process of its own, so that its CPU time and memory are nobody else's: `node load-process.js '<LoadJob as
 * JSON>'`, answers with a LoadMeasure as JSON.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VarvePeer } from '../query/varve-peer.js';
import type { Configuration } from './load-spec.js';
import { loadSpec } from './load-spec.js';
import { type FileSizes, fileSizes } from './segment-files.js';
import { loadSets } from './star-sets.js';

export interface LoadJob {
  /** By name. */
  readonly dataSet: string;
  readonly configuration: Configuration;
  readonly file: string;
  /** An empty directory. */
  readonly directory: string;
}

export interface LoadMeasure {
  readonly wallMs: number;
  /** Of all threads of the process, user and system, while it loaded. */
  readonly cpuMs: number;
  /** Of the process in all its life. */
  readonly peakRssBytes: number;
  readonly sizes: readonly FileSizes[];
}

async function measure({ dataSet, configuration, file, directory }: LoadJob): Promise<LoadMeasure> {
  const set = loadSets().find((each) => each.dataSet.name === dataSet)!;
  const peer = await VarvePeer.open(directory, 1, dirname(file));
  const cpu = process.cpuUsage();
  const start = performance.now();
  await peer.ingest(loadSpec(set, file, configuration));
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  // Kibibytes.
  const peakRssBytes = 1024 * process.resourceUsage().maxRSS;
  await peer.close();
  const segments = join(directory, 'segments', dataSet);
  const sizes = readdirSync(segments).map((name) => fileSizes(join(segments, name)));
  return { wallMs, cpuMs: (user + system) / 1000, peakRssBytes, sizes };
}

const measured = await measure(JSON.parse(process.argv[2]!) as LoadJob);
process.stdout.write(JSON.stringify(measured));
