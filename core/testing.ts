import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * For tests: a new empty directory of the machine, its path resolved. `atEnd` gets what removes it
 * with all below it: pass `onTestFinished` of vitest inside a test, `afterAll` outside.
 */
export function temporaryDirectory(prefix: string, atEnd: (remove: () => void) => void): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `varve-${prefix}-`)));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
