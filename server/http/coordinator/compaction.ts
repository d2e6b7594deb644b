import { type Context, Hono } from 'hono';
import type {
  CompactionChange,
  CompactionSettings,
  CompactionSlots,
  CompactionState,
} from '../../../cluster/index.js';
import { type JsonObject, UserError } from '../../../core/index.js';
import { formatInstant } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { answerJson } from '../answer.js';
import { jsonObjectBody } from '../body.js';
import { auditInfo, historyRange, pathText, queryNumber } from '../parameters.js';

type NodeParts = Pick<VarveNode, 'compaction' | 'compactionSettings' | 'clock'>;

/** How tables are compacted by themselves: `/druid/coordinator/v1/config/compaction…`. */
export function compactionConfigRoutes({ compactionSettings: settings, clock }: NodeParts): Hono {
  const routes = new Hono();
  routes.get('/', async (context) =>
    answerJson(context, {
      compactionConfigs: (await settings.all()).map(({ json }) => json),
      ...clusterConfig(await settings.slots()),
    }),
  );
  routes.post('/', async (context) => {
    await settings.set(await jsonObjectBody(context), auditInfo(context));
    return context.body(null, 200);
  });
  routes.post('/taskslots', async (context) => {
    const given = Object.fromEntries(
      ['ratio', 'max']
        .filter((name) => context.req.query(name) !== undefined)
        .map((name) => [name, queryNumber(context, name)]),
    );
    if (Object.keys(given).length === 0) {
      throw new UserError(
        'ratio: give ?ratio=… or ?max=…, or both; got neither',
        'request',
        'ratio',
      );
    }
    await settings.setSlots(given, auditInfo(context));
    return context.body(null, 200);
  });
  routes.post('/cluster', async (context) => {
    await setClusterConfig(settings, context);
    return context.body(null, 200);
  });
  routes.get('/:name', async (context) =>
    answerJson(context, (await settings.of(pathText(context, 'name'))).json),
  );
  routes.delete('/:name', async (context) => {
    await settings.remove(pathText(context, 'name'), auditInfo(context));
    return context.body(null, 200);
  });
  routes.get('/:name/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    const changes = await settings.history(pathText(context, 'name'), range);
    return answerJson(context, changes.map(auditEntry));
  });
  return routes;
}

/** How far that has come: `/druid/coordinator/v1/compaction/…`. */
export function compactionRoutes({ compaction }: NodeParts): Hono {
  const statesOf = async (context: Context): Promise<CompactionState[]> => {
    const name = context.req.query('dataSource');
    return (await compaction.states()).filter(
      ({ dataSource }) => name === undefined || dataSource === name,
    );
  };
  const routes = new Hono();
  routes.get('/status', async (context) => {
    const states = await statesOf(context);
    if (states.length === 0 && context.req.query('dataSource') !== undefined) {
      return context.json(unknown(context), 404);
    }
    return context.json({
      latestStatus: states.map((state) => compactionStatus(state, 'RUNNING')),
    });
  });
  routes.get('/progress', async (context) => {
    const [state] = context.req.query('dataSource') === undefined ? [] : await statesOf(context);
    if (state === undefined) return context.json(unknown(context), 404);
    return context.json({ remainingSegmentSize: sumOf(state, 'awaiting').bytes });
  });
  routes.post('/compact', async (context) => {
    await compaction.run();
    return context.body(null, 200);
  });
  return routes;
}

/** As Druid says it, and what to do. */
const unknown = (context: Context) => ({
  error: 'unknown dataSource',
  errorMessage: `dataSource: give ?dataSource=… of a table that is compacted by itself, see /druid/coordinator/v1/config/compaction; got ${JSON.stringify(context.req.query('dataSource') ?? '')}`,
});

/** Sets what the request's body says of all tables; policies and engines are not ours. */
export async function setClusterConfig(
  settings: CompactionSettings,
  context: Context,
): Promise<void> {
  const { compactionTaskSlotRatio: ratio, maxCompactionTaskSlots: max } =
    await jsonObjectBody(context);
  await settings.setSlots({ ratio, max }, auditInfo(context));
}

/** What holds for all tables, as Druid says it. */
export const clusterConfig = ({ ratio, max }: CompactionSlots): JsonObject => ({
  compactionTaskSlotRatio: ratio,
  maxCompactionTaskSlots: max,
  useAutoScaleSlots: false,
  compactionPolicy: null,
  useSupervisors: false,
  engine: 'native',
});

/** Druid's audit entry of a table's configuration. */
export const auditEntry = (change: CompactionChange): JsonObject => {
  const { author, comment, ip, value, slots, timeMs } = change;
  return {
    globalConfig: clusterConfig(slots),
    compactionConfig: value,
    auditInfo: { author, identity: null, comment, ip },
    auditTime: formatInstant(timeMs),
  };
};

type Verdict = CompactionState['groups'][number]['verdict'];

/** How much of a table has a verdict. */
function sumOf({ groups }: CompactionState, verdict: Verdict) {
  const those = groups.filter((group) => group.verdict === verdict);
  return {
    bytes: those.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    segments: those.reduce((count, { segments }) => count + segments.length, 0),
    intervals: those.length,
  };
}

/** How far a table's compaction has come, as Druid says it. */
export function compactionStatus(
  state: CompactionState,
  scheduleStatus: 'RUNNING' | 'NOT_ENABLED',
): JsonObject {
  const awaiting = sumOf(state, 'awaiting');
  const compacted = sumOf(state, 'compacted');
  const skipped = sumOf(state, 'skipped');
  return {
    dataSource: state.dataSource,
    scheduleStatus,
    message: null,
    bytesAwaitingCompaction: awaiting.bytes,
    bytesCompacted: compacted.bytes,
    bytesSkipped: skipped.bytes,
    segmentCountAwaitingCompaction: awaiting.segments,
    segmentCountCompacted: compacted.segments,
    segmentCountSkipped: skipped.segments,
    intervalCountAwaitingCompaction: awaiting.intervals,
    intervalCountCompacted: compacted.intervals,
    intervalCountSkipped: skipped.intervals,
  };
}
