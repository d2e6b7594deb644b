import { afterAll, describe } from 'vitest';
import { testClusterMetadata } from './cluster-contract-testing.js';
import { testMetadataStore } from './contract-testing.js';
import { testSegmentMarks } from './marks-contract-testing.js';
import { MetadataStore } from './metadata-store.js';
import { dropSchemas, freshSchema, POSTGRES_URL } from './postgres-testing.js';

afterAll(dropSchemas);

describe.skipIf(POSTGRES_URL === undefined)('VARVE_TEST_POSTGRES', () => {
  testMetadataStore('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock));
  testClusterMetadata('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock));
  testSegmentMarks('PostgreSQL', (clock) => MetadataStore.open(freshSchema(), clock));
});
