import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { MigrationPlan } from '../../cluster/index.js';
import { RealDisk, steadyClock, UnavailableError, UserError } from '../../core/index.js';
import { migrateDirectory } from '../cluster/migrate-directory.js';
import { bytesText, durationText, MigrationProgress } from './migration-progress.js';
import { serveConfig } from './serve.js';

interface MigrateFlags {
  readonly from: string;
  readonly config: string;
  readonly workDir: string;
  readonly threads: string;
  readonly dryRun?: true;
}

/** Each file takes a thread and some memory while it is packed. */
const MOST_THREADS = 64;

export function migrateCommand(): Command {
  return new Command('migrate')
    .description(
      'move the data directory of a server into a cluster, without writing segments again',
    )
    .requiredOption('--from <directory>', 'the data directory of a server that is not running')
    .requiredOption(
      '--config <file>',
      'the configuration of a node of the cluster; where rows were pushed, of a new realtime node, which takes them over',
    )
    .option('--work-dir <directory>', 'for files on their way', join(tmpdir(), 'varve-migrate'))
    .option(
      '--threads <number>',
      'segments that are packed at the same time',
      String(availableParallelism()),
    )
    .option('--dry-run', 'show what there is to do and what is in the way, and copy nothing')
    .action(run);
}

async function run(flags: MigrateFlags): Promise<void> {
  const config = serveConfig({ config: flags.config });
  const ending = new AbortController();
  const onSignal = () =>
    ending.abort(
      new UnavailableError(
        'interrupted; nothing of it is in the cluster yet: run the command again to go on',
      ),
    );
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const startedMs = steadyClock.nowMs();
  let progress: MigrationProgress | null = null;
  const plan = await migrateDirectory(
    {
      from: resolve(flags.from),
      config,
      nodeDir: resolve(config.dataDir),
      workDir: resolve(flags.workDir),
      disk: new RealDisk(),
      parallel: threads(flags.threads),
      isDryRun: flags.dryRun === true,
      onPlan(plan) {
        for (const line of planLines(plan)) tell(line);
        const total = { segments: plan.segments.length, bytes: plan.sizeBytes };
        progress = new MigrationProgress(total, steadyClock.nowMs());
      },
      onCopied({ sealed }, isNew) {
        const line = progress?.copied(sealed.sizeBytes, isNew, steadyClock.nowMs()) ?? null;
        if (line !== null) tell(line);
      },
    },
    ending.signal,
  );
  const took = durationText(steadyClock.nowMs() - startedMs);
  process.stdout.write(`${closingLine(plan, flags.dryRun === true, took)}\n`);
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** What is told before anything is copied. */
function planLines(plan: MigrationPlan): string[] {
  const { tables, pushTables, pushNode, kept, isDone } = plan;
  if (isDone) return [];
  const lines = [`tables: ${tables.join(', ') || 'none'}`, whatLine(plan)];
  if (pushNode !== null) {
    lines.push(
      `the push log of ${pushTables.join(', ')} goes to the node ${pushNode.name}, into ${pushNode.logDir}`,
    );
  }
  for (const name of kept)
    lines.push(`the cluster has a setting ${name} of its own, which stays as it is`);
  return lines;
}

const whatLine = ({ segments, sizeBytes }: MigrationPlan): string => {
  const unused = segments.filter(({ used }) => !used).length;
  return `${counted(segments.length, 'segment')}, ${bytesText(sizeBytes)}${unused === 0 ? '' : `, of which ${unused.toLocaleString('en-US')} are unused`}`;
};

/** What is told at the end. */
function closingLine(plan: MigrationPlan, isDryRun: boolean, took: string): string {
  const { isDone, segments, tables, pushNode } = plan;
  if (isDone) return 'the cluster has taken over all of this directory before: nothing was done';
  if (isDryRun) return 'nothing is in the way; nothing was copied';
  const what = `${counted(tables.length, 'table')} with ${counted(segments.length, 'segment')}, verified, in the cluster after ${took}`;
  return pushNode === null
    ? what
    : `${what}; start the node ${pushNode.name} on its directory, so that rows can be pushed`;
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

function threads(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_THREADS) return number;
  throw new UserError(`--threads: want a number from 1 to ${MOST_THREADS}; got ${text}`);
}
