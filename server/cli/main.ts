#!/usr/bin/env node
import { Command } from 'commander';
import { VarveError } from '../../core/index.js';
import { VARVE_VERSION } from '../version.js';
import { explainCommand } from './explain.js';
import { ingestCommand } from './ingest.js';
import { quickstartCommand } from './quickstart.js';
import { serveCommand } from './serve.js';
import { sqlCommand } from './sql.js';

/** The `varve` command. Errors that the user can mend are one plain line; ours show their stack. */
const program = new Command('varve')
  .description('A real-time OLAP store that speaks the API of Apache Druid')
  .version(VARVE_VERSION)
  .addCommand(serveCommand())
  .addCommand(ingestCommand())
  .addCommand(sqlCommand())
  .addCommand(explainCommand())
  .addCommand(quickstartCommand());

try {
  await program.parseAsync();
} catch (error) {
  const text =
    error instanceof VarveError ? error.message : String((error as Error).stack ?? error);
  process.stderr.write(`varve: ${text}\n`);
  process.exitCode = 1;
}
