#!/usr/bin/env node
import { Command } from 'commander';
import { VarveError } from '../../core/index.js';
import { VARVE_VERSION } from '../version.js';
import { adviseCommand } from './advise.js';
import { deadLettersCommand } from './dead-letters.js';
import { declareCommand } from './declare.js';
import { demoCommand } from './demo.js';
import { explainCommand } from './explain.js';
import { giveUpCommand } from './give-up.js';
import { ingestCommand } from './ingest.js';
import { inspectCommand } from './inspect.js';
import { migrateCommand } from './migrate.js';
import { packCommand, unpackCommand } from './pack.js';
import { pushCommand } from './push.js';
import { quickstartCommand } from './quickstart.js';
import { serveCommand } from './serve.js';
import { sqlCommand } from './sql.js';

/** The `varve` command. Errors that the user can mend are one plain line; ours show their stack. */
const program = new Command('varve')
  .description('A real-time OLAP store that speaks the API of Apache Druid')
  .version(VARVE_VERSION)
  .enablePositionalOptions() // options belong to the command that they stand behind
  .addCommand(serveCommand())
  .addCommand(ingestCommand())
  .addCommand(declareCommand())
  .addCommand(pushCommand())
  .addCommand(deadLettersCommand())
  .addCommand(sqlCommand())
  .addCommand(explainCommand())
  .addCommand(adviseCommand())
  .addCommand(inspectCommand())
  .addCommand(packCommand())
  .addCommand(unpackCommand())
  .addCommand(migrateCommand())
  .addCommand(giveUpCommand())
  .addCommand(quickstartCommand())
  .addCommand(demoCommand());

try {
  await program.parseAsync();
} catch (error) {
  const text =
    error instanceof VarveError ? error.message : String((error as Error).stack ?? error);
  process.stderr.write(`varve: ${text}\n`);
  process.exitCode = 1;
}
