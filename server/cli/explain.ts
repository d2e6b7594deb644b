import { Command, Option } from 'commander';
import { stringifyJson, UserError } from '../../core/index.js';
import { open, type Varve } from '../library.js';

interface ExplainFlags {
  readonly dataDir: string;
  readonly kernel: boolean;
  readonly filter: boolean;
  readonly trees: boolean;
}

/** Opens the data directory itself, so no server may run on it. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('print the native query of a SQL statement, or the machine code that scans for it')
    .argument('<statement>', 'for example "SELECT origin, COUNT(*) FROM flights GROUP BY origin"')
    .option('--kernel', 'print the kernel as WebAssembly text instead of the native query', false)
    .option('--filter', 'run it, and print how the rows of its filters are found', false)
    .option('--trees', 'run it, and print which star-trees are read, or why none is', false)
    .addOption(new Option('--data-dir <dir>', 'where the tables are').default('./varve-data'))
    .action(async (statement: string, flags: ExplainFlags) => {
      const varve = await open(flags.dataDir);
      try {
        process.stdout.write(await explained(varve, statement, flags));
      } finally {
        await varve.close();
      }
    });
}

async function explained(
  varve: Varve,
  statement: string,
  { kernel, filter, trees }: ExplainFlags,
): Promise<string> {
  if (filter) return jsonText(await varve.explainFilter(statement));
  if (trees) return jsonText(await varve.explainStarTrees(statement));
  if (!kernel) {
    const [row] = await varve.sql<{ PLAN: string }>(`EXPLAIN PLAN FOR ${statement}`);
    return `${row?.PLAN ?? ''}\n`;
  }
  const text = await varve.explainKernel(statement);
  if (text !== null) return text;
  throw new UserError(
    'no kernel is compiled for this statement: its table is empty or absent, or the interpreter scans it (docs/compiler.md says when)',
  );
}

const jsonText = (value: unknown): string => `${stringifyJson(value, 2)}\n`;
