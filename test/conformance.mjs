#!/usr/bin/env node
/**
 * Starts a server on a fresh data directory, loads the public Druid conformance data sets into it
 * and runs their cases: `npm run conformance [-- --native 120 --sql 70 …runner options]`.
 * Fails below the given numbers of passing cases. With `--url URL` a server is asked that runs already, and reads the data sets from
 * this disk; with `--tasks-url URL` besides, tasks and management go to that one, such as a coordinator, and queries to the first,
 * such as a broker. The cases live beside the repository, in
 * ../shared/conformance/druid, and are not part of it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
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
function given(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : process.argv.splice(at, 2)[1].replace(/\/+$/, '');
}
const urls = { queries: given('url'), tasks: given('tasks-url') };
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

/** What is asked of who leads a cluster; all else is of its brokers. */
const MANAGEMENT = /^\/druid\/(indexer|coordinator|coordinator-ext)\//;

/** The runner knows one address: this one passes on what it asks, to either of two nodes. */
async function startRouter({ queries, tasks }) {
  const router = createServer(async (incoming, answer) => {
    try {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const target = MANAGEMENT.test(incoming.url) ? tasks : queries;
      const { 'content-type': type, accept } = incoming.headers;
      const response = await fetch(target + incoming.url, {
        method: incoming.method,
        headers: { ...(type && { 'content-type': type }), ...(accept && { accept }) },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const {
        'content-encoding': _,
        'transfer-encoding': __,
        ...headers
      } = Object.fromEntries(response.headers);
      const body = Buffer.from(await response.arrayBuffer());
      answer.writeHead(response.status, { ...headers, 'content-length': body.length }).end(body);
    } catch (error) {
      answer.writeHead(502).end(String(error.cause ?? error));
    }
  }).listen(0, '127.0.0.1');
  await new Promise((done) => router.once('listening', done));
  return { url: `http://127.0.0.1:${router.address().port}`, close: () => router.close() };
}

/** What is asked: servers that run, or one that is started; `close` ends what was. */
async function openServer() {
  if (urls.queries === null) {
    const { child, url } = await startServer();
    return { url, close: () => child.kill('SIGKILL') };
  }
  if (urls.tasks === null) return { url: urls.queries, close: () => undefined };
  return startRouter(urls);
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
  const { url, close } = await openServer();
  const report = await runCases(url);
  close();
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
