import type { NativeQuery, QueryType } from '../native/query.js';
import { dataSourceMetadataEngine } from './data-source-metadata.js';
import type { ScanEngine } from './engine.js';
import { groupByEngine } from './groupby.js';
import type { MetadataEngine } from './metadata-engine.js';
import { scanEngine } from './scan.js';
import { searchEngine } from './search.js';
import { segmentMetadataEngine } from './segment-metadata.js';
import { timeBoundaryEngine } from './time-boundary.js';
import { timeseriesEngine } from './timeseries.js';
import { topNEngine } from './topn.js';

/** Queries that read rows. */
const SCAN_ENGINES: ReadonlyMap<QueryType, ScanEngine> = new Map<QueryType, ScanEngine>([
  ['timeseries', timeseriesEngine],
  ['topN', topNEngine],
  ['groupBy', groupByEngine],
  ['scan', scanEngine],
  ['search', searchEngine],
  ['timeBoundary', timeBoundaryEngine],
]);

/** Queries that read what is known of segments. */
const METADATA_ENGINES: ReadonlyMap<QueryType, MetadataEngine> = new Map<QueryType, MetadataEngine>(
  [
    ['segmentMetadata', segmentMetadataEngine],
    ['dataSourceMetadata', dataSourceMetadataEngine],
  ],
);

/** The engine of a query that reads rows; undefined for others. */
export const scanEngineOf = (query: NativeQuery): ScanEngine | undefined =>
  SCAN_ENGINES.get(query.queryType);

/** The engine of a query that reads no rows; undefined for others. */
export const metadataEngineOf = (query: NativeQuery): MetadataEngine | undefined =>
  METADATA_ENGINES.get(query.queryType);
