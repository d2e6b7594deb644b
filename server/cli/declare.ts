import { resolve } from 'node:path';
import { Command } from 'commander';
import { isJsonObject, parseJson, RealDisk, UserError, utf8Decode } from '../../core/index.js';
import { Client, DEFAULT_URL } from './client.js';

export function declareCommand(): Command {
  return new Command('declare')
    .description('declare a table that rows are pushed into, or give it a new spec')
    .argument('<table>', 'its name')
    .argument('<spec>', 'a file with its spec as JSON (docs/push.md)')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .action(async (table: string, path: string, { url }: { url: string }) => {
      const spec = parseJson(utf8Decode(new RealDisk().readFile(resolve(path))));
      if (!isJsonObject(spec)) throw new UserError(`${path}: want a JSON object with a table spec`);
      const { version } = (await new Client(url).put(
        `/v1/tables/${encodeURIComponent(table)}`,
        spec,
      )) as { version: number };
      process.stdout.write(`table ${table} is declared, version ${version}\n`);
    });
}
