import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from './query/machine.js';
import { count, runMain, UsageError } from './query/options.js';
import { REPOSITORY } from './query/peer.js';

/** One part of a benchmark: a file of its own, and a line in the benchmark's `main.ts`. */
export interface Part {
  readonly name: string;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartOptions {
  /** Of each data set; the first of `rowCounts`. */
  readonly rows: number;
  /** A part may repeat its measurements with more rows. */
  readonly rowCounts: readonly number[];
  readonly rounds: number;
  /** What the command line, or the benchmark, says of one of its settings. */
  setting(name: string): string;
  /** Whether something of this name is asked for. */
  wants(name: string): boolean;
  /** Files that are kept from run to run, and scratch directories; exists. */
  readonly dataDirectory: string;
  /** Progress, on stderr. */
  say(text: string): void;
}

export interface PartResult {
  /** Markdown. */
  readonly text: string;
  /** Plain data, for `bench/results/`. */
  readonly json: unknown;
}

/** A benchmark of several parts: `npm run bench:<name>`. */
export interface Benchmark {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** What is told of the rounds of each time. */
  readonly times: string;
  /** Options of its own, by name. */
  readonly settings?: Readonly<Record<string, Setting>>;
}

interface Setting {
  readonly usual: string;
  readonly help: string;
}

const DATA = join(REPOSITORY, 'bench', 'data');
const RESULTS = join(REPOSITORY, 'bench', 'results');

const usage = ({
  name,
  parts,
  rounds,
  settings = {},
}: Benchmark): string => `npm run bench:${name} -- [options]
  --parts ${parts.map((part) => part.name).join(',')}
                        parts to run; all when absent
  --only edits          one data set of the parts that have several
  --rows 1000000        rows of each data set; some parts repeat with each of several numbers
  --rounds ${rounds}            measured rounds
${Object.entries(settings)
  .map(([option, { usual, help }]) => `  ${`--${option} ${usual}`.padEnd(20)}  ${help}\n`)
  .join('')}  --markdown FILE       writes the tables as Markdown, too`;

interface Options extends Omit<PartOptions, 'dataDirectory' | 'say'> {
  readonly parts: readonly Part[];
  readonly markdown: string | null;
}

/** Throws UsageError. */
function parseOptions(benchmark: Benchmark, args: readonly string[]): Options {
  const values = read(benchmark, args);
  const { parts, only, rows, rounds, markdown } = values as Record<string, string | undefined>;
  const names = parts?.split(',') ?? benchmark.parts.map(({ name }) => name);
  const stranger = names.find((name) => !benchmark.parts.some((part) => part.name === name));
  if (stranger !== undefined) {
    throw new UsageError(`--parts: there is no ${stranger}\n${usage(benchmark)}`);
  }
  const rowCounts = rows!.split(',').map((text) => count('rows', text));
  return {
    parts: benchmark.parts.filter(({ name }) => names.includes(name)),
    wants: (name) => only === undefined || only === name,
    rows: rowCounts[0]!,
    rowCounts,
    rounds: count('rounds', rounds!),
    setting: (name) => String(values[name as keyof typeof values]),
    markdown: markdown ?? null,
  };
}

function read(benchmark: Benchmark, args: readonly string[]) {
  const settings = Object.entries(benchmark.settings ?? {}).map(
    ([name, { usual }]) => [name, { type: 'string', default: usual }] as const,
  );
  try {
    return parseArgs({
      args: [...args],
      options: {
        parts: { type: 'string' },
        only: { type: 'string' },
        rows: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: String(benchmark.rounds) },
        markdown: { type: 'string' },
        ...Object.fromEntries(settings),
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${usage(benchmark)}`);
  }
}

async function run(benchmark: Benchmark): Promise<void> {
  if (process.argv.includes('--help')) return console.log(usage(benchmark));
  const options = parseOptions(benchmark, process.argv.slice(2));
  mkdirSync(DATA, { recursive: true });
  mkdirSync(RESULTS, { recursive: true });
  const machine = thisMachine();
  const { rowCounts, rounds } = options;
  const results: Record<string, unknown> = { machine, rows: rowCounts, rounds };
  const { cpu, cores, memoryGiB, node, commit } = machine;
  const texts: string[] = [];
  const tell = (text: string) => {
    texts.push(text);
    console.log(`${text}\n`);
  };
  tell(
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}; ${benchmark.times.replace('N', String(rounds))}`,
  );
  for (const part of options.parts) {
    const say = (text: string) => console.error(text);
    const { text, json } = await part.run({ ...options, dataDirectory: DATA, say });
    results[part.name] = json;
    tell(text);
  }
  writeFileSync(join(RESULTS, `${benchmark.name}.json`), JSON.stringify(results, null, 2));
  if (options.markdown !== null) writeFileSync(options.markdown, `${texts.join('\n\n')}\n`);
}

/** Runs the parts that the command line asks for, prints their tables, and keeps their figures. */
export const runParts = (benchmark: Benchmark): Promise<void> => runMain(() => run(benchmark));
