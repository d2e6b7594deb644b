#!/usr/bin/env node
/** The long runs, each with its figures: `npm run verify`. Takes about a quarter of an hour on two cores. */
import { spawnSync } from 'node:child_process';

const seed = Math.floor(Math.random() * 2 ** 31);
const RUNS = [
  [
    'kill -9 during ingestion, 40 times',
    'npx',
    ['vitest', 'run', 'test/e2e/crash.test.ts'],
    { VARVE_KILLS: '40' },
  ],
  [
    'random plans, 20 times the usual number',
    'npx',
    ['vitest', 'run', 'query', 'segments', 'model', 'ingest'],
    { VARVE_RUNS: '20' },
  ],
  ['conformance', 'node', ['test/conformance.mjs', '--native', '120', '--sql', '70'], {}],
  ['benchmark', 'node', ['dist/bench/first-look.js'], {}],
];

let failed = 0;
for (const [name, command, args, environment] of RUNS) {
  console.log(`\n== ${name} (seed ${seed})`);
  const env = { ...process.env, VARVE_SEED: String(seed), ...environment };
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0) failed++;
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'}`);
}
console.log(`\n${RUNS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
