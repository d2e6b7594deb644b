import { parseArgs } from 'node:util';

export interface Options {
  readonly rows: number;
  readonly classes: readonly string[];
  readonly rounds: number;
  readonly only: string | null;
  readonly markdown: string | null;
  /** A report to compare with. */
  readonly before: string | null;
  /** Time that one query may take in all rounds; a slow one gets fewer, and says so. */
  readonly secondsPerQuery: number;
  readonly threads: number;
}

export const USAGE = `npm run bench:query -- [options]
  --rows 5000000        rows of each data set
  --classes ssb,wiki    classes to run; all when absent
  --rounds 5            measured rounds; the median counts
  --only Q1.1           one query, or those of one tag
  --seconds 60          time for all rounds of one query; a slow one gets fewer rounds
  --threads 2           threads of each engine
  --markdown FILE       writes the tables as Markdown, too
  --before FILE         compares, query by query, with an earlier report: JSON (a copy of bench/results/query.json) or Markdown`;

/** Says what to do instead; needs no stack to be understood. */
export class UsageError extends Error {}

/** Runs a benchmark; what is wrong with its command line is told without a stack. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[], allClasses: readonly string[]): Options {
  const values = read(args, allClasses);
  const classes = values.classes.split(',');
  const stranger = classes.find((name) => !allClasses.includes(name));
  if (stranger !== undefined) {
    throw new UsageError(`--classes: ${stranger} is none of ${allClasses.join(', ')}`);
  }
  return {
    rows: count('rows', values.rows),
    classes,
    rounds: count('rounds', values.rounds),
    only: values.only ?? null,
    markdown: values.markdown ?? null,
    before: values.before ?? null,
    secondsPerQuery: count('seconds', values.seconds),
    threads: count('threads', values.threads),
  };
}

function read(args: readonly string[], allClasses: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string', default: '5000000' },
        classes: { type: 'string', default: allClasses.join(',') },
        rounds: { type: 'string', default: '5' },
        only: { type: 'string' },
        seconds: { type: 'string', default: '60' },
        threads: { type: 'string', default: '2' },
        markdown: { type: 'string' },
        before: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** Reads a whole number above 0. Throws UsageError. */
export function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name}: want a whole number above 0, got ${text}`);
}
