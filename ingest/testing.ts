/** For tests of the rooms above. */
export { testPushCatalog } from './push/catalog-contract-testing.js';
