import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{core,sketches,model,indexes,segments,query,ingest,cluster,server,bench,test}/**/*.test.ts',
      'grafana/src/**/*.test.ts',
    ],
    globalSetup: ['./ingest/input/ndjson/assembly/build.mjs', './test/support/bundle.ts'],
    // Left to itself it keeps one core free, which is half of a small machine.
    maxWorkers: Math.min(4, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
  },
});
