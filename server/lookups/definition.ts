import { compareText, isJsonObject, type JsonObject, UserError } from '../../core/index.js';
import { shown } from '../../ingest/index.js';
import { isPinned } from '../../model/index.js';

/** The tier that this process serves; lookups of others are kept, for servers that there may be. */
export const ACTIVE_TIER = '__default';

/** What operators define under a name. */
export interface LookupDefinition {
  /** Null where none was given. */
  readonly version: string | null;
  readonly lookupExtractorFactory: JsonObject;
}

/** Tiers by name, and in each its lookups. */
export type Definitions = ReadonlyMap<string, ReadonlyMap<string, LookupDefinition>>;

/** Reads the body that defines one lookup. Throws UserError. */
export function parseDefinition(json: unknown, field: string): LookupDefinition {
  const object = objectAt(json, field);
  const { version, lookupExtractorFactory } = object;
  if (version !== undefined && version !== null && typeof version !== 'string') {
    throw refused(`${field}.version`, `want a text; got ${shown(version)}`);
  }
  return {
    version: version ?? null,
    lookupExtractorFactory: objectAt(lookupExtractorFactory, `${field}.lookupExtractorFactory`),
  };
}

/** Reads lookups by tier and name. Throws UserError. */
export function parseDefinitions(json: unknown): Definitions {
  const tiers = Object.entries(objectAt(json, 'body')).map(([tier, lookups]) => {
    const field = checkedName(tier, 'tier');
    const all = Object.entries(objectAt(lookups, field)).map(
      ([name, definition]) =>
        [name, parseDefinition(definition, `${field}.${checkedName(name, 'lookup')}`)] as const,
    );
    return [tier, new Map(all)] as const;
  });
  return new Map(tiers);
}

/** Names stand in paths, and in queries behind what pins them. Throws UserError. */
export function checkedName(name: string, what: 'tier' | 'lookup'): string {
  if (name === '' || name.includes('/') || isPinned(name)) {
    throw refused(what, `want a name that is not empty and has no "/" in it; got ${shown(name)}`);
  }
  return name;
}

/** Throws UserError unless the version of `next` is greater than that of what it replaces. */
export function checkVersion(path: string, before: LookupDefinition, next: LookupDefinition): void {
  const [old, own] = [before.version, next.version];
  if (own !== null && (old === null || compareText(own, old) > 0)) return;
  throw refused(
    `${path}.version`,
    `want one that is greater than ${shown(old)}, which is in use, in the order of texts ("v10" comes before "v9"); got ${own === null ? 'nothing' : shown(own)}`,
  );
}

function objectAt(json: unknown, field: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw refused(field, `want an object; got ${shown(json)}`);
}

const refused = (field: string, why: string): UserError =>
  new UserError(`${field}: ${why}`, 'request', field);
