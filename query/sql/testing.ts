import { type Clock, silentLogger, VirtualDisk } from '../../core/index.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { QueryEngine } from '../query-engine.js';
import { SqlEngine, type SystemTables } from './index.js';
import { EMPTY_TABLES, TEST_CATALOG } from './test-catalog.js';

/** For tests: an engine over the test catalog, whose tables have no rows, and system tables that all have these. */
export const engineWithoutRows = (
  clock: Clock,
  systemRows: ReturnType<SystemTables['rows']> = [],
): SqlEngine =>
  new SqlEngine({
    engine: new QueryEngine({
      tables: { snapshot: EMPTY_TABLES.snapshot, waitFor: async () => undefined },
      executor: new InlineExecutor(new VirtualDisk()),
      clock,
      limits: DEFAULT_LIMITS,
      logger: silentLogger,
    }),
    catalog: TEST_CATALOG,
    system: { rows: () => systemRows },
    clock,
  });
