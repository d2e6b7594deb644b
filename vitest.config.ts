import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They look at the memory of their thread, in which nobody may have worked before. */
const ALONE = ['query/compiler/kernel-cache.test.ts', 'segments/merge/merge-memory.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['./core/build-kernels.mjs', './test/support/bundle.ts'],
    // One more than cores: end-to-end tests wait for servers.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    // Only against hanging: many times what they take where they have a core.
    testTimeout: 120_000 * Number(process.env.VARVE_DRAWS ?? 1),
    hookTimeout: 120_000,
    pool: 'threads',
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: [
            '{core,sketches,model,indexes,segments,query,ingest,cluster,server}/**/*.test.ts',
          ],
          exclude: ALONE,
          // Hundreds of files share most modules: to load them anew for each takes as long as a quarter of the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: { name: 'whole', include: ['{bench,test}/**/*.test.ts', 'grafana/src/**/*.test.ts'] },
      },
    ],
  },
});
