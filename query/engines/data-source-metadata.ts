import { UnavailableError } from '../../core/index.js';
import type { DataSourceMetadataQuery } from '../native/query.js';
import type { MetadataEngine } from './metadata-engine.js';

/** The newest time of any row. */
export const dataSourceMetadataEngine: MetadataEngine<DataSourceMetadataQuery> = {
  async answer(_query, parts) {
    const unknown = parts.find(({ isUnknown }) => isUnknown);
    if (unknown !== undefined) throw unknownRows(unknown.id.dataSource);
    const times = parts
      .filter((part) => part.rowCount > 0)
      // Rows beyond the clip are overshadowed; the last instant inside is the best that is known.
      .map((part) => Math.min(part.maxTimeMs, part.interval.endMs - 1));
    return {
      fields: [{ name: 'maxIngestedEventTime', type: 'LONG' }],
      rows: times.length === 0 ? [] : [[times.reduce((a, b) => Math.max(a, b))]],
    };
  },
};

const unknownRows = (table: string): UnavailableError =>
  new UnavailableError(
    `a node that has rows of "${table}" does not tell of them; ask again when it is back`,
    { table },
  );
