import { ACTIVE_TIER, type LookupDefinition } from './definition.js';
import type { Lookups } from './lookups.js';

type ByName = Readonly<Record<string, LookupDefinition>>;

/** What a process has of the lookups that are defined. */
export interface LookupState {
  /** The definitions of the pairs in use. */
  readonly current: ByName;
  /** Definitions whose pairs it has not yet. */
  readonly toLoad: ByName;
  /** Why the pairs in use are not what they should be, by name. */
  readonly problems: Readonly<Record<string, string>>;
}

export function lookupState(lookups: Pick<Lookups, 'tiers' | 'active'>): LookupState {
  const names = [...(lookups.tiers.get(ACTIVE_TIER)?.keys() ?? [])];
  const all = names.map((name) => lookups.active(name));
  const wanting = all.filter(({ definition, loaded }) => loaded !== definition);
  const failed = all.filter(({ isLoaded }) => !isLoaded);
  return {
    current: Object.fromEntries(
      all.flatMap(({ name, loaded }) => (loaded === null ? [] : [[name, loaded]])),
    ),
    toLoad: Object.fromEntries(wanting.map(({ name, definition }) => [name, definition])),
    problems: Object.fromEntries(failed.map(({ name, problem }) => [name, problem])),
  };
}

/** Why a process has not the pairs of a definition; null when it has. */
export function problemOf(
  state: LookupState | null,
  name: string,
  { version }: LookupDefinition,
): string | null {
  if (state === null) return 'it does not answer';
  const current = state.current[name];
  if (state.problems[name] !== undefined) return state.problems[name];
  const isNewest = current !== undefined && current.version === version;
  return isNewest ? null : 'it has not heard of the definition yet; ask again soon';
}
