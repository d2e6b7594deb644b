/** For tests of the rooms above. */
export { chunkSegment, testPushCatalog } from './push/catalog-contract-testing.js';
