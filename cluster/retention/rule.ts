import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { flagField, readerOfType, readFields, readObject, shown } from '../../ingest/index.js';
import {
  contains,
  formatInterval,
  type Interval,
  overlaps,
  parseInterval,
  parsePeriod,
  shiftByPeriod,
} from '../../model/index.js';

/** How many replicas a tier has of a segment, by tier in the order in which the rule names them; `everywhere`: each server has one. */
export type Replicas = ReadonlyMap<string, number> | 'everywhere';

/** A retention rule: what it says of the segments that it applies to. */
export interface Rule {
  readonly action: 'load' | 'drop';
  /** Where segments are loaded: of a rule that drops, nowhere. */
  readonly replicas: Replicas;
  /** Druid's JSON, with every default filled in. */
  readonly json: JsonObject;
  /** Whether it is about a segment of this interval, at this time. */
  applies(segment: Interval, nowMs: number): boolean;
}

/** When a rule applies; `span` is [now − period, now). */
type When = (segment: Interval, nowMs: number) => boolean;

/** One end of the types of Druid's rules: what they do is the other one. */
interface Form {
  readonly fields: JsonObject;
  readonly when: When;
}

type FormReader = (json: JsonObject, field: string, isDrop: boolean) => Form;

/** By the end of the type's name. */
const FORMS: Readonly<Record<string, FormReader>> = {
  Forever: () => ({ fields: {}, when: () => true }),
  ByInterval: readByInterval,
  ByPeriod: readByPeriod,
  BeforeByPeriod: readBeforeByPeriod,
};

type RuleReader = (json: JsonObject, field: string) => Rule;

/** Every type: what it does with a segment, and when. Broadcasts are loads on every server. */
const TYPES: ReadonlyMap<string, RuleReader> = new Map(
  [
    ...['load', 'drop', 'broadcast'].flatMap((verb) =>
      ['Forever', 'ByInterval', 'ByPeriod'].map((form) => [verb, form] as const),
    ),
    ['drop', 'BeforeByPeriod'] as const,
  ].map(([verb, form]) => [verb + form, ruleReader(verb, form)]),
);

const DEFAULT_TIERS = { _default_tier: 2 };

/** Reads a list of rules. Throws UserError that names the path, the value and what to write. */
export function parseRules(json: unknown, field: string): Rule[] {
  if (!Array.isArray(json)) {
    throw new UserError(
      `${field}: want a list of rules, [] for none; got ${shown(json)}`,
      'spec',
      field,
    );
  }
  return json.map((rule: unknown, i) => {
    const path = `${field}[${i}]`;
    const object = readObject(rule, path);
    return readerOfType('rule', object, path, TYPES, new Set())(object, path);
  });
}

/** What the first rule that applies says; null where none does: then nothing is done. */
export const decide = (
  rules: readonly Rule[],
  segment: Interval,
  nowMs: number,
): Rule['action'] | null => ruleFor(rules, segment, nowMs)?.action ?? null;

/** The first rule that applies. */
export const ruleFor = (
  rules: readonly Rule[],
  segment: Interval,
  nowMs: number,
): Rule | undefined => rules.find((rule) => rule.applies(segment, nowMs));

function ruleReader(verb: string, form: string): RuleReader {
  const action = verb === 'drop' ? 'drop' : 'load';
  return (json, field) => {
    const { fields, when } = FORMS[form]!(json, field, action === 'drop');
    const tiers = verb === 'load' ? readTiers(json, field) : null;
    const replicas =
      verb === 'broadcast'
        ? ('everywhere' as const)
        : new Map<string, number>(Object.entries(tiers?.tieredReplicants ?? {}));
    return { action, replicas, json: { type: verb + form, ...fields, ...tiers }, applies: when };
  };
}

const REPLICAS = 'want a number of replicas, 0 or more';

const TierFields = z.object({
  tieredReplicants: z
    .record(z.string(), z.int(REPLICAS).min(0, REPLICAS), {
      error: 'want an object of tiers and how many replicas each has',
    })
    .nullish(),
  useDefaultTierForNull: flagField(true),
});

interface Tiers {
  readonly tieredReplicants: Readonly<Record<string, number>>;
  readonly useDefaultTierForNull: boolean;
}

/** Where a rule loads to, with the defaults filled in. */
function readTiers(json: JsonObject, field: string): Tiers {
  const { tieredReplicants, useDefaultTierForNull } = readFields(TierFields, json, field);
  const whenNull = useDefaultTierForNull ? DEFAULT_TIERS : {};
  return { tieredReplicants: tieredReplicants ?? whenNull, useDefaultTierForNull };
}

const IntervalFields = z.object({ interval: z.string({ error: 'want an interval, as text' }) });

/** A load keeps all that it touches, a drop takes only what lies inside. */
function readByInterval(json: JsonObject, field: string, isDrop: boolean): Form {
  const { interval: text } = readFields(IntervalFields, json, field);
  const interval = parseInterval(text, `${field}.interval`);
  return {
    fields: { interval: formatInterval(interval) },
    when: isDrop
      ? (segment) => contains(interval, segment)
      : (segment) => overlaps(interval, segment),
  };
}

const PeriodFields = z.object({
  period: z.string({ error: 'want a period, as text' }),
  includeFuture: flagField(true),
});

/** As `readByInterval`, of the time from a period ago until now, or for ever. */
function readByPeriod(json: JsonObject, field: string, isDrop: boolean): Form {
  const { period, includeFuture } = readFields(PeriodFields, json, field);
  const startOf = readPeriod(period, `${field}.period`);
  const fits = isDrop ? contains : overlaps;
  return {
    fields: { period, includeFuture },
    when: (segment, nowMs) => {
      const startMs = startOf(nowMs);
      if (!includeFuture) return fits({ startMs, endMs: nowMs }, segment);
      return isDrop ? segment.startMs >= startMs : segment.endMs > startMs;
    },
  };
}

/** What ended a period ago or earlier. */
function readBeforeByPeriod(json: JsonObject, field: string): Form {
  const { period } = readFields(PeriodFields, json, field);
  const startOf = readPeriod(period, `${field}.period`);
  return { fields: { period }, when: (segment, nowMs) => segment.endMs <= startOf(nowMs) };
}

/** When a period began that ends at an instant, by the calendar in UTC. */
function readPeriod(text: string, field: string): (endMs: number) => number {
  const period = parsePeriod(text);
  if (period !== null && Object.values(period).every((part) => part >= 0)) {
    // All segments of a round are asked about at one time.
    let last = { endMs: Number.NaN, startMs: Number.NaN };
    return (endMs) => {
      if (endMs !== last.endMs) last = { endMs, startMs: shiftByPeriod(endMs, period, -1, 'UTC') };
      return last.startMs;
    };
  }
  throw new UserError(
    `${field}: want an ISO-8601 period into the past, such as "P30D" or "P1M"; got ${shown(text)}`,
    'spec',
    field,
  );
}

/** What holds for tables without rules that apply, unless an operator says otherwise. */
export const KEEP_ALL: readonly Rule[] = parseRules([{ type: 'loadForever' }], 'rules');
