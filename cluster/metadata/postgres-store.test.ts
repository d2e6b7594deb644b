import { afterAll, describe } from 'vitest';
import { testClusterMetadata } from './cluster-contract-testing.js';
import { testMetadataStore } from './contract-testing.js';
import { testSegmentMarks } from './marks-contract-testing.js';
import { MetadataStore } from './metadata-store.js';
import { testObjectTable } from './objects-contract-testing.js';
import {
  dropSchemas,
  freshSchema,
  openStores,
  POSTGRES_URL,
  REAL_MEANS,
} from './postgres-testing.js';
import { testPushLogs } from './push-logs-contract-testing.js';
import { testPushTables } from './push-tables-contract-testing.js';
import { testSharedStores } from './shared-stores-testing.js';

afterAll(dropSchemas);

describe.skipIf(POSTGRES_URL === undefined)('VARVE_TEST_POSTGRES', () => {
  testMetadataStore('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock, REAL_MEANS));
  testClusterMetadata('PostgreSQL', (clock) =>
    MetadataStore.open(freshSchema(), clock, REAL_MEANS),
  );
  testSharedStores('PostgreSQL', openStores);
  testObjectTable('PostgreSQL', openStores);
  testPushLogs('PostgreSQL', openStores);
  testPushTables('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock, REAL_MEANS));
  testSegmentMarks('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock, REAL_MEANS));
});
