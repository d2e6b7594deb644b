import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLIGHTS_DIRECTORY } from '../flights.js';
import { REPOSITORY } from '../query/peer.js';

/** Three million flights of half a year; a segment for each day. */
export function flightsSpec(): object {
  const text = readFileSync(join(REPOSITORY, 'examples', 'flights.json'), 'utf8');
  const json = JSON.parse(text.replace('node_modules/vega-datasets/data', FLIGHTS_DIRECTORY));
  json.spec.dataSchema.granularitySpec.segmentGranularity = 'DAY';
  return json;
}

/** A table whose segments are an hour each, with the same rows in every hour but for their time. */
export interface Hours {
  readonly table: string;
  readonly segments: number;
  /** Of a segment; each has a key of its own. */
  readonly rows: number;
}

const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;

/** As queries and segments have it. */
export const hourInterval = (hour: number): string =>
  [hour, hour + 1].map((each) => new Date(START_MS + each * HOUR_MS).toISOString()).join('/');

/** Of a segment by its id; null for one of another table. */
export function hourOf(id: string, table: string): number | null {
  if (!id.startsWith(`${table}_`)) return null;
  return (Date.parse(id.slice(table.length + 1).split('_')[0]!) - START_MS) / HOUR_MS;
}

/** Writes the rows of a table into a directory, and gives what loads them. */
export function hoursSpec({ table, segments, rows }: Hours, directory: string): object {
  const lines: string[] = [];
  for (let hour = 0; hour < segments; hour++) {
    for (let row = 0; row < rows; row++) {
      const time = START_MS + hour * HOUR_MS + row;
      lines.push(`{"time":${time},"key":"k${row}","value":${row}}\n`);
    }
  }
  const name = `${table}.json`;
  writeFileSync(join(directory, name), lines.join(''));
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: table,
        timestampSpec: { column: 'time', format: 'millis' },
        dimensionsSpec: { dimensions: ['key', { type: 'long', name: 'value' }] },
        granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'NONE', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'local', baseDir: directory, filter: name },
        inputFormat: { type: 'json' },
      },
      tuningConfig: { type: 'index_parallel' },
    },
  };
}
