import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{core,sketches,model,indexes,segments,query,ingest,cluster,server,bench,test}/**/*.test.ts',
      'grafana/src/**/*.test.ts',
    ],
    globalSetup: ['./ingest/input/ndjson/assembly/build.mjs', './test/support/bundle.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'threads',
  },
});
