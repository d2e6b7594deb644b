import { statSync } from 'node:fs';
import { build } from 'rolldown';
import config from '../../rolldown.config.js';

/** Before all tests: the bundle is what `tsc` wrote last. Without any of that there is nothing to bundle. */
export async function setup(): Promise<void> {
  const compiled = writtenMs('dist/.tsbuildinfo');
  if (compiled > writtenMs('dist/bundle/index.js')) await build(config);
}

/** 0 when there is no such file. */
const writtenMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
