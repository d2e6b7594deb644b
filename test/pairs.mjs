#!/usr/bin/env node
/**
 * Compiled = interpreted on 100,000 random pairs of a plan and data, and 50 over many rows, shared among the cores:
 * `npm run test:pairs`. Every run draws a new seed, unless VARVE_SEED is set, and says how each share is run again alone.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const PAIRS = 100_000;
const MAX_SHARES = 4;
const shares = Math.min(availableParallelism(), MAX_SHARES);
/** A share draws its lists from a few seeds, one after the other. */
const SEEDS_PER_SHARE = 1000;
const firstSeed = Number(process.env.VARVE_SEED ?? Math.floor(Math.random() * 2 ** 30));

const exitCodes = await Promise.all(
  Array.from({ length: shares }, (_, share) => runShare(firstSeed + share * SEEDS_PER_SHARE)),
);
process.exitCode = exitCodes.every((code) => code === 0) ? 0 : 1;

/** Settles with the exit code; what a share says comes out whole. */
async function runShare(seed) {
  const environment = { VARVE_SEED: String(seed), VARVE_PAIRS: String(Math.ceil(PAIRS / shares)) };
  const command = ['npx', 'vitest', 'run', 'query/compiler/differential.test.ts'];
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  console.log([...settings, ...command].join(' '));
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => output.push(part));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(Buffer.concat(output));
  return code;
}
