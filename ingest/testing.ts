/** For tests of the rooms above. */
export { chunkSegment, testPushCatalog } from './push/catalog-contract-testing.js';
export { LogCopies } from './push/copies/log-copies.js';
export { ROOMY_LIMITS } from './push/engine/node-testing.js';
export { PushEngine } from './push/engine/push-engine.js';
export { runSealJob } from './push/live/run-seal-job.js';
export { statsOf, taskJson } from './tasks/testing.js';
