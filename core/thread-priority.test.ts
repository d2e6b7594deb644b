import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { workerEntry } from './worker-entry.js';

const MODULE = workerEntry(import.meta.url, 'core', './thread-priority.js').href;

test.runIf(process.platform === 'linux')('a thread goes behind, alone', async () => {
  const before = getPriority();
  const worker = new Worker(
    `import(${JSON.stringify(MODULE)}).then(({ goBehindMainThread }) => {
      goBehindMainThread();
      require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority());
    });`,
    { eval: true },
  );
  const [its] = await once(worker, 'message');
  await worker.terminate();
  expect(its).toBeGreaterThan(before);
  expect(getPriority()).toBe(before);
});
