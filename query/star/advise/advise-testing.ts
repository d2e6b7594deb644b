import { type JsonObject, ManualClock, silentLogger, VirtualDisk } from '../../../core/index.js';
import { parseAggregator, parseGranularity } from '../../../model/index.js';
import type { TreeDefinition } from '../../../segments/index.js';
import { QueryLog, type QueryLogOptions, type ShapeRecord } from '../../log/query-log.js';
import { parseNativeQuery } from '../../native/registry.js';
import { emptyStats } from '../../result.js';
import { type TestTables, testEngine } from '../../testing.js';
import type { Advice } from './advice.js';

/** For tests: a log on a disk of its own. */
export const testLog = (options: Partial<QueryLogOptions> = {}): QueryLog =>
  new QueryLog({
    disk: new VirtualDisk(),
    path: '/log',
    clock: new ManualClock(0),
    logger: silentLogger,
    maxShapes: 100,
    keepMs: null,
    soon: () => undefined,
    ...options,
  });

/** For tests: what is logged of queries, each of so many rows and a millisecond for a thousand of them. */
export function recordsOf(queries: readonly JsonObject[], rows: number): ShapeRecord[] {
  const log = testLog();
  for (const query of queries) {
    const stats = { ...emptyStats(), rowsScanned: rows, scanMs: rows / 1000 };
    log.add(parseNativeQuery(query), stats);
  }
  return log.records();
}

/** For tests: runs queries and logs what each looked at. */
export async function loggedRuns(
  tables: TestTables,
  queries: readonly JsonObject[],
): Promise<ShapeRecord[]> {
  const log = testLog();
  for (const json of queries) {
    const query = parseNativeQuery(json);
    const { stats } = await testEngine(tables).run(query);
    log.add(query, { ...stats, scanMs: stats.rowsScanned / 1000, mergeMs: 0 });
  }
  return log.records();
}

interface TreeJson {
  readonly dimensions: readonly (
    | string
    | { readonly name: string; readonly skipStar?: boolean; readonly granularity?: unknown }
  )[];
  readonly metrics: readonly JsonObject[];
  readonly maxLeafRecords: number;
}

/** For tests: what an advice would have pasted. */
export const treesOf = ({ proposals }: Advice): TreeJson[] =>
  proposals.map(({ tree }) => tree as unknown as TreeJson);

/** For tests: the same as a schema has it. */
export const definitionsOf = (advice: Advice): TreeDefinition[] =>
  treesOf(advice).map(({ dimensions, metrics, maxLeafRecords }) => ({
    dimensions: dimensions.map((each) => {
      const {
        name,
        skipStar = false,
        granularity,
      } = typeof each === 'string' ? { name: each } : each;
      return {
        name,
        skipStar,
        ...(granularity !== undefined && { granularity: parseGranularity(granularity, '') }),
      };
    }),
    metrics: metrics.map((each) => parseAggregator(each, '')),
    maxLeafRecords,
  }));
