/**
 * How fast rows come in: `npm run bench:ingest`. The peers are installed by `npm ci --prefix bench`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from '../query/machine.js';
import { count, UsageError } from '../query/options.js';
import { REPOSITORY } from '../query/peer.js';
import { bulk } from './bulk.js';
import { mutable } from './mutable.js';
import type { Part, PartOptions } from './part.js';
import { push } from './push.js';
import { reading } from './reading.js';

const PARTS: readonly Part[] = [bulk, reading, push, mutable];

const DATA = join(REPOSITORY, 'bench', 'data');
const RESULTS = join(REPOSITORY, 'bench', 'results');

const USAGE = `npm run bench:ingest -- [options]
  --parts ${PARTS.map(({ name }) => name).join(',')}          parts to run; all when absent
  --only edits          one data set of the parts that have several
  --rows 1000000        rows of each data set
  --rounds 3            measured rounds; the median counts`;

interface Options extends Pick<PartOptions, 'rows' | 'rounds' | 'only'> {
  readonly parts: readonly Part[];
}

/** Throws UsageError. */
function parseOptions(args: readonly string[]): Options {
  const { parts, only, rows, rounds } = read(args);
  const names = parts?.split(',') ?? PARTS.map(({ name }) => name);
  const stranger = names.find((name) => !PARTS.some((part) => part.name === name));
  if (stranger !== undefined) throw new UsageError(`--parts: there is no ${stranger}\n${USAGE}`);
  return {
    parts: PARTS.filter(({ name }) => names.includes(name)),
    only: (name) => only === undefined || only === name,
    rows: count('rows', rows),
    rounds: count('rounds', rounds),
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        parts: { type: 'string' },
        only: { type: 'string' },
        rows: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '3' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE);
  const options = parseOptions(process.argv.slice(2));
  mkdirSync(DATA, { recursive: true });
  mkdirSync(RESULTS, { recursive: true });
  const machine = thisMachine();
  const results: Record<string, unknown> = { machine, rows: options.rows, rounds: options.rounds };
  const { cpu, cores, memoryGiB, node, commit } = machine;
  console.log(`${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}.`);
  console.log(`Medians of ${options.rounds} interleaved rounds.`);
  for (const part of options.parts) {
    const say = (text: string) => console.error(text);
    const { text, json } = await part.run({ ...options, dataDirectory: DATA, say });
    results[part.name] = json;
    console.log(`\n${text}`);
  }
  writeFileSync(join(RESULTS, 'ingest.json'), JSON.stringify(results, null, 2));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
