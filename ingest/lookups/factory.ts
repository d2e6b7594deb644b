import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { parsePeriod, shiftByPeriod } from '../../model/index.js';
import type { InputEnvironment } from '../input/sources/source.js';
import { flagField, readFields, readObject, shown } from '../spec/fields.js';
import { type PairFormat, readPairFormat } from './pair-format.js';
import { readUriPlace, type UriPlace } from './uri-place.js';

/** How a lookup gets its pairs: from its definition, or from a file that may change. */
export type LookupFactory =
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [string, string])[] }
  | UriFactory;

export interface UriFactory {
  readonly kind: 'uri';
  /** What it was parsed from. */
  readonly json: JsonObject;
  readonly place: UriPlace;
  readonly format: PairFormat;
  /** How often it is looked whether there is something new; null: once. */
  readonly pollMs: number | null;
  /** How long whoever defines the lookup waits for it to be loaded. */
  readonly waitMs: number;
}

/**
 * Reads a `lookupExtractorFactory`. Throws a UserError that names the field and the remedy, also for what the server's configuration
 * does not allow.
 */
export function parseLookupFactory(
  json: unknown,
  field: string,
  environment: Pick<InputEnvironment, 'disk' | 'localRoots' | 'httpHosts'>,
): LookupFactory {
  const factory = readTyped(FACTORIES, NOT_BUILT, readObject(json, field), field);
  if (factory.kind === 'uri') factory.place.check(environment);
  return factory;
}

type Reader = (json: JsonObject, field: string) => LookupFactory;

const MapSpec = z.object({ isOneToOne: flagField(false), injective: flagField(false) });

/** The map is read by hand: zod leaves out the key `__proto__`. */
const readMap: Reader = (json, field) => {
  readFields(MapSpec, json, field);
  return { kind: 'map', pairs: pairsOf(readObject(json.map, `${field}.map`), `${field}.map`) };
};

/** A timer of more than 31 bits would end at once. */
const MAX_WAIT_MS = 2 ** 31 - 1;

const CachedSpec = z.object({
  injective: flagField(false),
  firstCacheTimeout: z
    .union([z.int(), z.string().regex(/^\d+$/).transform(Number)], { error: 'want milliseconds' })
    .nullish()
    .transform((ms) => Math.min(MAX_WAIT_MS, Math.max(0, ms ?? 0))),
});

const readCached: Reader = (json, field) => {
  const { firstCacheTimeout } = readFields(CachedSpec, json, field);
  const path = `${field}.extractionNamespace`;
  const namespace = readObject(json.extractionNamespace, path);
  const factory = readTyped(NAMESPACES, NOT_BUILT, namespace, path);
  return factory.kind === 'uri' ? { ...factory, json, waitMs: firstCacheTimeout } : factory;
};

const readUri: Reader = (json, field) => ({
  kind: 'uri',
  json,
  place: readUriPlace(json, field),
  format: readPairFormat(json.namespaceParseSpec, `${field}.namespaceParseSpec`),
  pollMs: pollMs(json.pollPeriod, `${field}.pollPeriod`),
  waitMs: 0,
});

const FACTORIES: ReadonlyMap<string, Reader> = new Map([
  ['map', readMap],
  ['cachedNamespace', readCached],
]);

const NAMESPACES: ReadonlyMap<string, Reader> = new Map([
  ['uri', readUri],
  ['staticMap', readMap],
]);

const AS_FILE = 'write its pairs to a file and use "cachedNamespace" with the namespace "uri"';
const NOT_BUILT: ReadonlyMap<string, string> = new Map([
  ['jdbc', AS_FILE],
  ['kafka', AS_FILE],
  ['loadingLookup', AS_FILE],
  ['pollingLookup', AS_FILE],
]);

function readTyped(
  readers: ReadonlyMap<string, Reader>,
  notBuilt: ReadonlyMap<string, string>,
  json: JsonObject,
  field: string,
): LookupFactory {
  const type = typeof json.type === 'string' ? json.type : '';
  const reader = readers.get(type);
  if (reader !== undefined) return reader(json, field);
  const remedy = notBuilt.get(type);
  const why =
    remedy === undefined
      ? `want one of ${[...readers.keys()].join(', ')}; got ${shown(json.type)}`
      : `"${type}" is not supported: ${remedy}`;
  throw new UserError(`${field}.type: ${why}`, 'request', `${field}.type`);
}

/** Texts by keys; numbers and booleans are taken by their digits, what is null is left out. */
function pairsOf(map: Readonly<Record<string, unknown>>, field: string): [string, string][] {
  return Object.entries(map).flatMap(([key, value]): [string, string][] => {
    if (value === null) return [];
    if (typeof value !== 'object') return [[key, String(value)]];
    const path = `${field}[${shown(key)}]`;
    throw new UserError(`${path}: want a text; got ${shown(value)}`, 'request', path);
  });
}

/** Druid takes a period, and milliseconds; nothing of either means once. */
function pollMs(json: unknown, field: string): number | null {
  if (json === undefined || json === null) return null;
  const ms = typeof json === 'number' ? json : periodMs(json);
  if (Number.isFinite(ms) && ms >= 0) return ms === 0 ? null : ms;
  throw new UserError(
    `${field}: want an ISO-8601 period such as "PT30S", or milliseconds; got ${shown(json)}`,
    'request',
    field,
  );
}

function periodMs(json: unknown): number {
  const period = typeof json === 'string' ? parsePeriod(json) : null;
  return period === null ? Number.NaN : shiftByPeriod(0, period, 1, 'UTC');
}
