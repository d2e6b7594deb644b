import { type Clock, type JsonObject, parseJson, stringifyJson } from '../../core/index.js';
import { noteChange } from './changes.js';
import type { Db } from './database.js';

/** Every version of the specs of declared tables, in order, by table. */
export async function readSpecs(db: Db): Promise<Map<string, JsonObject[]>> {
  const versions = new Map<string, JsonObject[]>();
  const specs = db.selectFrom('push_specs').select(['name', 'spec']).orderBy('version');
  for (const { name, spec } of await specs.execute()) {
    const list = versions.get(name) ?? [];
    versions.set(name, list);
    list.push(parseJson(spec) as JsonObject);
  }
  return versions;
}

/** Adds a version of a table's spec, as a part of the caller's transaction; gives its number. */
export async function addSpec(
  db: Db,
  clock: Clock,
  name: string,
  spec: JsonObject,
): Promise<number> {
  const { last } = await db
    .selectFrom('push_specs')
    .select(({ fn }) => fn.max('version').as('last'))
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  const version = Number(last ?? 0) + 1;
  const created_ms = clock.nowMs();
  await db
    .insertInto('push_specs')
    .values({ name, version, spec: stringifyJson(spec), created_ms })
    .execute();
  await noteChange(db, name);
  return version;
}
