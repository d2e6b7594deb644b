import { Command } from 'commander';
import { stringifyJson, UserError } from '../../core/index.js';
import type { Advice } from '../../query/index.js';
import { adviceText } from './advice-text.js';
import { Client, DEFAULT_URL } from './client.js';

interface Flags {
  readonly url: string;
  readonly json: boolean;
  readonly timeout: string;
}

export function adviseCommand(): Command {
  return new Command('advise')
    .description('propose star-trees for the queries that a server was asked')
    .argument('[table]', 'the table; all that were asked something when absent')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .option('--timeout <seconds>', 'how long counting combinations may take for a table', '60')
    .option('--json', 'all that is known, as JSON', false)
    .action(async (table: string | undefined, { url, json, timeout }: Flags) => {
      const path =
        table === undefined ? '/v1/advice' : `/v1/tables/${encodeURIComponent(table)}/advice`;
      if (process.stderr.isTTY) process.stderr.write('counting combinations …\n');
      const answer = await new Client(url).get(`${path}?timeout=${timeoutMs(timeout)}`);
      const advices = (table === undefined ? answer : [answer]) as readonly Advice[];
      process.stdout.write(json ? `${stringifyJson(answer, 2)}\n` : advicesText(advices));
    });
}

function timeoutMs(seconds: string): number {
  const ms = Math.round(Number(seconds) * 1000);
  if (ms >= 1 && ms <= 3_600_000) return ms;
  throw new UserError(`--timeout: want seconds from 0.001 to 3600; got ${seconds}`);
}

const advicesText = (advices: readonly Advice[]): string =>
  advices.length === 0
    ? 'no query was logged yet: ask what is usually asked, by SQL or native queries that group, and come back\n'
    : advices.map((advice) => `${adviceText(advice)}\n`).join('\n');
