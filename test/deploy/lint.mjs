#!/usr/bin/env node
/**
 * Looks at the files of deploy/ as those programs do that they are for: `npm run lint:deploy`. Builds deploy/lint with Go where it
 * has not been built since it was changed, which takes minutes; keeps it below node_modules/.cache.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DEPLOY = join(REPOSITORY, 'deploy');
const SOURCE = join(DEPLOY, 'lint');
const CACHE = join(REPOSITORY, 'node_modules', '.cache', 'deploy');

const CHART = join(DEPLOY, 'helm', 'varve');

const CHECKS = [
  ['chart', CHART],
  ['chart', CHART, join(CHART, 'ci', 'everything-values.yaml')],
  ['compose', join(DEPLOY, 'compose.yaml')],
  ['dockerfile', join(DEPLOY, 'Dockerfile')],
];

/** The program, as its sources are now. */
function lint() {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(SOURCE, name)));
  const program = join(CACHE, `lint-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  say('Building deploy/lint …');
  const startMs = performance.now();
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: SOURCE,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  say(`… took ${((performance.now() - startMs) / 1000).toFixed(0)} s.`);
  return program;
}

const say = (text) => void process.stdout.write(`${text}\n`);

const program = lint();
const failed = CHECKS.filter(([kind, ...files]) => {
  say(`${kind} ${files.map((file) => file.slice(REPOSITORY.length + 1)).join(' ')}`);
  return spawnSync(program, [kind, ...files], { stdio: 'inherit' }).status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
