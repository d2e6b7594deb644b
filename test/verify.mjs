#!/usr/bin/env node
/**
 * The long runs, beside what the gate has: `npm run verify`. Random suites draw new seeds in every run, and print the seed of
 * a failure.
 */
import { spawnSync } from 'node:child_process';

const seed = Math.floor(Math.random() * 2 ** 31);
const RUNS = [
  ['kill -9 during ingestion, 40 times', 'test/e2e/crash.test.ts', { VARVE_KILLS: '40' }],
  ['kill -9 under producers, 20 times', 'test/e2e/push-crash.test.ts', { VARVE_KILLS: '20' }],
  [
    'random suites, four times what they draw in `npm test`',
    '--project=rooms --project=alone',
    { VARVE_SEED: String(seed), VARVE_DRAWS: '4', VARVE_CRASHES: '3' },
  ],
  [
    'a million pushed rows with poison',
    'ingest/push/poison.test.ts',
    { VARVE_POISON_ROWS: '1000000', VARVE_SEED: String(seed) },
  ],
  [
    'every third bit of segment files flipped, 30 seconds of each fuzz',
    'segments/fuzz query/compiler/damage.test.ts',
    { VARVE_FUZZ_SECONDS: '30', VARVE_SEED: String(seed) },
  ],
].map(([name, files, environment]) => ({
  name,
  command: ['npx', 'vitest', 'run', '--reporter=dot', ...files.split(' ')],
  environment,
}));
RUNS.push(
  {
    name: 'compiled = interpreted, 40,000 pairs',
    command: [
      'node',
      'test/shares.mjs',
      'VARVE_PAIRS',
      '40000',
      'query/compiler/differential.test.ts',
    ],
    environment: {},
  },
  {
    name: 'star-trees = scans, 20,000 pairs',
    command: [
      'node',
      'test/shares.mjs',
      'VARVE_STAR_PAIRS',
      '20000',
      'query/star/star-pairs.test.ts',
    ],
    environment: {},
  },
  {
    name: 'errors of sketches: 1,000 streams of 10^5 numbers, 100 of 10^6, 10 of 10^7',
    command: [
      'node',
      'test/shares.mjs',
      'VARVE_SKETCH_SEEDS',
      '1000',
      'sketches/contract/errors.test.ts',
    ],
    environment: {},
  },
  {
    name: '30,000 power cuts',
    command: [
      'node',
      'test/shares.mjs',
      'VARVE_CRASH_STATES',
      '30000',
      'ingest/push/engine/crash.test.ts',
    ],
    environment: {},
  },
);

let failed = 0;
for (const { name, command, environment } of RUNS) {
  console.log(`\n== ${name} (seed ${environment.VARVE_SEED ?? seed})`);
  const startedMs = performance.now();
  const env = { ...process.env, VARVE_SEED: String(seed), ...environment };
  const [program, ...args] = command;
  const { status } = spawnSync(program, args, { stdio: 'inherit', env });
  if (status !== 0) failed++;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
}
console.log(`\n${RUNS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
