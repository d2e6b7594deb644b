#!/usr/bin/env node
/**
 * The long runs, beside what the gate has: `npm run verify`. Random suites draw new seeds in every run, and print the seed of
 * a failure.
 */
import { spawnSync } from 'node:child_process';

const seed = Math.floor(Math.random() * 2 ** 31);
const vitest = (files) => ['npx', 'vitest', 'run', '--reporter=dot', ...files.split(' ')];
const shares = (variable, count, file) => ['node', 'test/shares.mjs', variable, count, file];
const script = (name) => ['npm', 'run', '--silent', name];

/** What is told of a run, its command, and its environment. */
const RUNS = [
  ['clusters under faults: every row once, no wrong answer', script('test:cluster')],
  ['deep storage on an S3 server', script('test:s3')],
  ['image, compose file and chart', script('lint:deploy')],
  ['kill -9 during ingestion, 40 times', vitest('test/e2e/crash.test.ts'), { VARVE_KILLS: '40' }],
  [
    'kill -9 under producers, 20 times',
    vitest('test/e2e/push-crash.test.ts'),
    { VARVE_KILLS: '20' },
  ],
  [
    'random suites, four times what they draw in `npm test`',
    vitest('--project=rooms --project=alone'),
    { VARVE_DRAWS: '4', VARVE_CRASHES: '3' },
  ],
  [
    'a million pushed rows with poison',
    vitest('ingest/push/poison.test.ts'),
    { VARVE_POISON_ROWS: '1000000' },
  ],
  [
    'every third bit of segment files flipped, 30 seconds of each fuzz',
    vitest('segments/fuzz query/compiler/damage.test.ts'),
    { VARVE_FUZZ_SECONDS: '30' },
  ],
  [
    'compiled = interpreted, 40,000 pairs',
    shares('VARVE_PAIRS', '40000', 'query/compiler/differential.test.ts'),
  ],
  [
    'star-trees = scans, 20,000 pairs',
    shares('VARVE_STAR_PAIRS', '20000', 'query/star/star-pairs.test.ts'),
  ],
  [
    'errors of sketches: 1,000 streams of 10^5 numbers, 100 of 10^6, 10 of 10^7',
    shares('VARVE_SKETCH_SEEDS', '1000', 'sketches/contract/errors.test.ts'),
  ],
  ['30,000 power cuts', shares('VARVE_CRASH_STATES', '30000', 'ingest/push/engine/crash.test.ts')],
  [
    'nodes with copies of logs are lost, 2,000 times',
    shares('VARVE_CRASH_STATES', '4000', 'ingest/push/engine/standby-copies.test.ts'),
  ],
  [
    'realtime nodes crash, hang, lose disks and each other, 8,000 times',
    shares('VARVE_DRAWS', '132', 'cluster/standbys/lost-nodes.test.ts'),
  ],
];

let failed = 0;
for (const [name, command, environment = {}] of RUNS) {
  console.log(`\n== ${name} (seed ${seed})`);
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
