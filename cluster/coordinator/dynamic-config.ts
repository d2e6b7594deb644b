import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../../core/index.js';
import { countField, flagField, readFields, readObject } from '../../ingest/index.js';

const MAX_INT = 2_147_483_647;

const count = (whenAbsent: number) => countField(whenAbsent, 0);

/** A list of names; a text with commas will do. */
const names = () =>
  z
    .union([z.array(z.string()), z.string()], {
      error: 'want a list of names, or a text with commas',
    })
    .nullish()
    .transform((value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== '')
        : (value ?? []),
    );

const RATIO = 'want a number from 0 to 1';

/** All fields of Druid's dynamic configuration, with the defaults of its newer releases. */
const Fields = z.object({
  millisToWaitBeforeDeleting: count(900_000),
  mergeBytesLimit: count(524_288_000),
  mergeSegmentsLimit: count(100),
  maxSegmentsToMove: count(100),
  replicantLifetime: count(15),
  replicationThrottleLimit: count(500),
  balancerComputeThreads: count(1),
  useRoundRobinSegmentAssignment: flagField(true),
  smartSegmentLoading: flagField(true),
  killDataSourceWhitelist: names(),
  killTaskSlotRatio: z
    .number(RATIO)
    .min(0, RATIO)
    .max(1, RATIO)
    .nullish()
    .transform((value) => value ?? 0.1),
  maxKillTaskSlots: count(MAX_INT),
  killPendingSegmentsSkipList: names(),
  maxSegmentsInNodeLoadingQueue: count(500),
  decommissioningNodes: names(),
  pauseCoordination: flagField(false),
  replicateAfterLoadTimeout: flagField(false),
  maxNonPrimaryReplicantsToLoad: count(MAX_INT),
  turboLoadingNodes: names(),
  cloneServers: z
    .record(z.string(), z.string(), { error: 'want an object of servers and those that they copy' })
    .nullish()
    .transform((value) => value ?? {}),
  debugDimensions: z
    .record(z.string(), z.unknown(), { error: 'want an object of names and values' })
    .nullish()
    .transform((value) => value ?? null),
});

export type CoordinatorConfig = z.output<typeof Fields>;

/** What older and newer releases call fields. */
const ALIASES: Readonly<Record<string, string>> = {
  markSegmentAsUnusedDelayMillis: 'millisToWaitBeforeDeleting',
  killPendingSegmentsSkiplist: 'killPendingSegmentsSkipList',
};

/**
 * The configuration that comes of fields given on top of what holds: those that are absent or null stay.
 * Fields that newer releases removed, and unknown ones, are taken and forgotten, as in Druid. Throws UserError.
 */
export function mergeConfig(current: CoordinatorConfig, json: unknown): CoordinatorConfig {
  const given = Object.entries(readObject(json, 'the request body'))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [ALIASES[name] ?? name, value]);
  return readConfig({ ...current, ...Object.fromEntries(given) });
}

const readConfig = (json: JsonObject): CoordinatorConfig => readFields(Fields, json, '');

export const DEFAULT_CONFIG: CoordinatorConfig = readConfig({});

/** What is stored, however old: fields that are not there have their defaults. */
export const storedConfig = (json: unknown): CoordinatorConfig =>
  isJsonObject(json) ? readConfig(json) : DEFAULT_CONFIG;
