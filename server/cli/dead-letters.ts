import { Command, Option } from 'commander';
import { UserError } from '../../core/index.js';
import { LETTER_REASONS, type ReplaySums } from '../push/dead-letters.js';
import { Client, DEFAULT_URL } from './client.js';
import { sqlRows } from './sql.js';
import { textTable } from './table.js';

export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .enablePositionalOptions()
    .description('show the last rows of a table that were not stored')
    .argument('<table>', 'the table they were pushed into')
    .option('--limit <number>', 'how many', '20')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .action(show)
    .addCommand(replayCommand());
}

async function show(table: string, { limit, url }: { limit: string; url: string }): Promise<void> {
  const [header = [], ...rows] = await sqlRows(
    new Client(url),
    `SELECT __time, letter, reason, message, raw FROM sys.dead_letters
     WHERE "table" = ${quoted(table)} ORDER BY __time DESC LIMIT ${count(limit, '--limit')}`,
  );
  process.stdout.write(`${textTable(header.map(String), rows)}\n`);
}

interface ReplayFlags {
  readonly url: string;
  readonly reason?: readonly string[];
  readonly acceptLate: boolean;
  readonly limit?: string;
}

function replayCommand(): Command {
  return new Command('replay')
    .description(
      'push the dead letters of a table again; those that are stored now never count twice',
    )
    .argument('<table>', 'the table they were pushed into')
    .addOption(
      new Option('--reason <reason...>', 'only letters of these reasons').choices(LETTER_REASONS),
    )
    .option('--accept-late', 'store late and future rows whatever the table says', false)
    .option('--limit <number>', 'at most so many, oldest first')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .action(async (table: string, { url, reason, acceptLate, limit }: ReplayFlags) => {
      const path = `/v1/tables/${encodeURIComponent(table)}/dead-letters/replay`;
      const sums = (await new Client(url).post(path, {
        acceptLate,
        ...(reason === undefined ? {} : { reasons: reason }),
        ...(limit === undefined ? {} : { limit: count(limit, '--limit') }),
      })) as ReplaySums;
      process.stdout.write(`${summary(sums)}\n`);
    });
}

const summary = ({ table, received, stored, late, rejected, deduplicated }: ReplaySums): string =>
  `${received} dead letters of ${table} pushed again: ${stored} stored, ${late} still late, ` +
  `${rejected} still rejected, ${deduplicated} stored before`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function count(text: string, flag: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new UserError(`${flag}: want an integer from 1 on; got ${text}`);
}
