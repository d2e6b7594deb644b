import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a module, as a process of its own, prints of a job, as JSON. Its directory lies beside the data, on a real disk: temporary ones may be in memory.
 */
export function inOwnProcess<Result>(module: string, job: object, dataDirectory: string): Result {
  const directory = mkdtempSync(join(dataDirectory, 'load-'));
  try {
    const argument = JSON.stringify({ ...job, directory });
    return JSON.parse(execFileSync(process.execPath, [module, argument], { encoding: 'utf8' }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
