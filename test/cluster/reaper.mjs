#!/usr/bin/env node
/**
 * Ends the processes and removes the directories that it was told of when whoever started it is gone, in whatever way: then its
 * standard input ends. Each line is `run PID`, `ended PID` or `directory PATH`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set();
const directories = new Set();
const does = {
  run: (pid) => pids.add(Number(pid)),
  ended: (pid) => pids.delete(Number(pid)),
  directory: (path) => directories.add(path),
};

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...rest] = line.split(' ');
  does[what]?.(rest.join(' '));
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
for (const path of directories) {
  // Those that were killed may still be about to write.
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
