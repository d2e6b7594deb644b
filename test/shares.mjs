#!/usr/bin/env node
/**
 * Runs test files whose work is counted by an environment variable in a process per core, each with its share of the count
 * and a seed of its own: `node test/shares.mjs VARVE_PAIRS 100000 query/compiler/differential.test.ts`. Every run draws
 * new seeds, unless VARVE_SEED is set, and says how each share is run again alone.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const MAX_SHARES = 4;
/** A share may draw from a few seeds, one after the other. */
const SEEDS_PER_SHARE = 1000;
/**
 * Pairs come in ever new shapes, and little code is run for long: without these, two fifths of the CPU time go to compiling in
 * the background what is not run again. They change how fast code is, not what it does, so a share is run again without them.
 */
const NODE_FLAGS = [
  '--interrupt-budget=1000000',
  '--liftoff-only',
  '--single-threaded-gc',
  '--max-semi-space-size=64',
];

const [variable, total, ...files] = process.argv.slice(2);
const shares = Math.min(availableParallelism(), MAX_SHARES);
const firstSeed = Number(process.env.VARVE_SEED ?? Math.floor(Math.random() * 2 ** 30));

const exitCodes = await Promise.all(
  Array.from({ length: shares }, (_, share) => runShare(firstSeed + share * SEEDS_PER_SHARE)),
);
process.exitCode = exitCodes.every((code) => code === 0) ? 0 : 1;

/** Settles with the exit code; what a share says comes out whole. */
async function runShare(seed) {
  const environment = { VARVE_SEED: String(seed), [variable]: String(Math.ceil(total / shares)) };
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  console.log([...settings, 'npx vitest run', ...files].join(' '));
  const args = [...NODE_FLAGS, 'node_modules/vitest/vitest.mjs', 'run', ...files];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => output.push(part));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(Buffer.concat(output));
  return code;
}
