import { Hono } from 'hono';
import {
  type CompactionConfig,
  compactionConfigs,
  compactionSupervisorId,
} from '../../cluster/index.js';
import { NotFoundError, stringifyJson, UserError } from '../../core/index.js';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';
import {
  auditEntry,
  clusterConfig,
  compactionStatus,
  setClusterConfig,
} from './coordinator/compaction.js';
import { auditInfo, historyRange, pathText } from './parameters.js';

type NodeParts = Pick<VarveNode, 'compaction' | 'compactionSettings' | 'supervisors' | 'clock'>;

const SUCCESS = { success: true };

/**
 * Automatic compaction as newer consoles ask the overlord for it, `/druid/indexer/v1/compaction/…`. What is set here is set where the table has it: with its
 * supervisor, or where it has none as the coordinator's configuration.
 */
export function overlordCompactionRoutes(node: NodeParts): Hono {
  const { compaction, compactionSettings: settings, supervisors, clock } = node;
  const routes = new Hono();
  routes.get('/config/cluster', async (context) =>
    context.json(clusterConfig(await settings.slots())),
  );
  routes.post('/config/cluster', async (context) => {
    await setClusterConfig(settings, context);
    return context.json(SUCCESS);
  });

  routes.get('/config/datasources', async (context) => {
    const configs = await compactionConfigs(settings, supervisors);
    return answerJson(context, { compactionConfigs: configs.map(({ json }) => json) });
  });
  routes.get('/config/datasources/:name', async (context) =>
    answerJson(context, (await configOf(node, pathText(context, 'name'))).json),
  );
  routes.post('/config/datasources/:name', async (context) => {
    const name = pathText(context, 'name');
    const spec = await jsonObjectBody(context);
    checkSame(spec.dataSource, name);
    const supervisor = await supervisors.get(compactionSupervisorId(name));
    if (supervisor === null) await settings.set(spec, auditInfo(context));
    else await supervisors.post({ ...supervisor.json, spec }, auditInfo(context));
    return context.json(SUCCESS);
  });
  routes.delete('/config/datasources/:name', async (context) => {
    const name = pathText(context, 'name');
    const supervisor = await supervisors.get(compactionSupervisorId(name));
    if (supervisor === null) await settings.remove(name, auditInfo(context));
    else await supervisors.terminate([supervisor], auditInfo(context));
    return context.json(SUCCESS);
  });
  routes.get('/config/datasources/:name/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    const changes = await settings.history(pathText(context, 'name'), range);
    return answerJson(context, { entries: changes.map(auditEntry) });
  });

  routes.get('/status/datasources', async (context) => {
    const states = await compaction.states();
    return context.json({ latestStatus: states.map((each) => compactionStatus(each, 'RUNNING')) });
  });
  routes.get('/status/datasources/:name', async (context) => {
    const config = await configOf(node, pathText(context, 'name'));
    return context.json(compactionStatus(compaction.state(config), 'RUNNING'));
  });
  return routes;
}

/** How a table is compacted now. Throws NotFoundError. */
async function configOf(
  { compactionSettings, supervisors }: NodeParts,
  name: string,
): Promise<CompactionConfig> {
  const configs = await compactionConfigs(compactionSettings, supervisors);
  const config = configs.find(({ dataSource }) => dataSource === name);
  if (config !== undefined) return config;
  throw new NotFoundError(
    `the table "${name}" is not compacted by itself; post a configuration to /druid/indexer/v1/compaction/config/datasources/{table}, or resume its supervisor`,
  );
}

function checkSame(dataSource: unknown, name: string): void {
  if (dataSource === name) return;
  const got = stringifyJson(dataSource ?? null);
  throw new UserError(
    `dataSource: want "${name}", the table in the path; got ${got}`,
    'request',
    'dataSource',
  );
}
