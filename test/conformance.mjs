#!/usr/bin/env node
/**
 * Starts a server on a fresh data directory, loads the public Druid conformance data sets into it
 * and runs their cases: `npm run conformance [-- --native 120 --sql 70 …runner options]`.
 * Fails below the given numbers of passing cases. The cases live beside the repository, in
 * ../shared/conformance/druid, and are not part of it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const suite = resolve(repository, '..', 'shared', 'conformance', 'druid');
const shared = resolve(repository, '..', 'shared');
const scratch = mkdtempSync(join(tmpdir(), 'varve-conformance-'));

function floor(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? 0 : Number(process.argv.splice(at, 2)[1]);
}
const floors = { native: floor('native'), sql: floor('sql') };

function startServer() {
  const cli = join(repository, 'dist/bundle/main.js');
  const flags = [
    '--port',
    '0',
    '--data-dir',
    join(scratch, 'data'),
    '--local-root',
    shared,
    '--log-level',
    'warn',
  ];
  const child = spawn(process.execPath, [cli, 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, fail) => {
    let output = '';
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}\n${output}`)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /^listening on (http:\S+)$/m.exec(output)?.[1];
      if (url) done({ child, url });
    });
  });
}

function runCases(url) {
  const runner = join(suite, 'run-druid-conformance.mjs');
  const report = join(scratch, 'report.json');
  const args = [
    runner,
    '--base',
    url,
    '--load',
    '--json',
    report,
    '--load-timeout',
    '60000',
    ...process.argv.slice(2),
  ];
  return new Promise((done) => {
    spawn(process.execPath, args, { stdio: 'inherit' }).once('exit', () =>
      done(JSON.parse(readFileSync(report, 'utf8'))),
    );
  });
}

async function main() {
  if (!existsSync(suite)) throw new Error(`the conformance cases are not at ${suite}`);
  const { child, url } = await startServer();
  const report = await runCases(url);
  child.kill('SIGKILL');
  for (const [name, reason] of Object.entries(report.notLoaded))
    console.log(`not loaded: ${name}: ${reason}`);
  const failing = report.cases.filter((c) => !c.ok && !c.unspecified).map((c) => c.id);
  console.log(`failing ids: ${failing.join(' ')}`);
  let status = 0;
  for (const [kind, least] of Object.entries(floors)) {
    const passed = report.byKind[kind]?.pass ?? 0;
    console.log(`${kind}: ${passed} passed, ${least} required`);
    if (passed < least) status = 1;
  }
  return status;
}

main()
  .then((status) => (process.exitCode = status))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => rmSync(scratch, { recursive: true, force: true }));
