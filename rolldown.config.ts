import type { BuildOptions } from 'rolldown';

/**
 * Bundles what `tsc` wrote into a few files of dist/bundle, which the package runs from: a process of ours has four
 * threads at least, and each reads some 300 files of ours otherwise. Packages that we depend on stay outside. The files
 * lie flat, so that a worker's entry is beside whatever module starts it, as it is in dist; see `workerEntry` in core.
 */
export default {
  input: {
    index: 'dist/server/index.js',
    main: 'dist/server/cli/main.js',
    'worker-main': 'dist/query/executor/worker-main.js',
    'batch-worker': 'dist/ingest/batch/batch-worker.js',
    'lookup-worker': 'dist/ingest/lookups/lookup-worker.js',
    'sampler-worker': 'dist/ingest/sampler/sampler-worker.js',
    worker: 'dist/ingest/push/worker/worker.js',
    'copies-worker': 'dist/ingest/push/copies/copies-worker.js',
    'packing-worker': 'dist/cluster/storage/packing-worker.js',
    'seal-worker': 'dist/ingest/push/worker/seal-worker.js',
  },
  platform: 'node',
  // Neither ./ nor / nor C:\
  external: /^[^./](?!:)/,
  output: { dir: 'dist/bundle', format: 'esm', chunkFileNames: 'chunk-[name].js' },
} satisfies BuildOptions;
