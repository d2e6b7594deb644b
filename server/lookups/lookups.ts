import type { AuditInfo, SettingsTable } from '../../cluster/index.js';
import { NotFoundError, stringifyJson } from '../../core/index.js';
import { parseLookupFactory } from '../../ingest/index.js';
import type { LookupNames, LookupTable } from '../../model/index.js';
import {
  ACTIVE_TIER,
  checkVersion,
  type Definitions,
  type LookupDefinition,
  parseDefinition,
} from './definition.js';
import { type LoadServices, RegisteredLookup } from './registered-lookup.js';

/** The lookups of all tiers, as operators have defined them, and the pairs of those that this process serves. */
export class Lookups {
  readonly #tiers = new Map<string, Map<string, LookupDefinition>>();
  readonly #active = new Map<string, RegisteredLookup>();
  readonly #services: LoadServices;
  #names: LookupNames = new Map();
  /** Changes are made one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly settings: Pick<SettingsTable, 'all' | 'setAll'>,
    services: Omit<LoadServices, 'onChange'>,
  ) {
    this.#services = { ...services, onChange: () => this.#tell() };
  }

  /** Takes up what was defined, and begins to load it; gives those that can wait the time that they ask for. */
  static async open(
    settings: Pick<SettingsTable, 'all' | 'setAll'>,
    services: Omit<LoadServices, 'onChange'>,
  ): Promise<Lookups> {
    const lookups = new Lookups(settings, services);
    for (const [path, json] of await settings.all('lookups')) {
      const [tier, name] = path.split('/') as [string, string];
      lookups.#restore(tier, name, parseDefinition(json, path));
    }
    lookups.#tell();
    await lookups.#settled();
    return lookups;
  }

  /** What lookups are called now; the same object until something changes. */
  names = (): LookupNames => this.#names;

  /** All definitions, those of other tiers too. */
  get tiers(): Definitions {
    return this.#tiers;
  }

  /** Those of a tier. Throws NotFoundError. */
  tier(tier: string): ReadonlyMap<string, LookupDefinition> {
    const found = this.#tiers.get(tier);
    if (found !== undefined) return found;
    throw new NotFoundError(`there is no tier "${tier}" of lookups`);
  }

  /** Throws NotFoundError. */
  definition(tier: string, name: string): LookupDefinition {
    const found = this.tier(tier).get(name);
    if (found !== undefined) return found;
    throw new NotFoundError(`there is no lookup "${name}" in the tier "${tier}"`);
  }

  /** One that this process serves. Throws NotFoundError. */
  active(name: string): RegisteredLookup {
    const found = this.#active.get(name);
    if (found !== undefined) return found;
    throw new NotFoundError(`there is no lookup "${name}"`);
  }

  /**
   * Defines lookups: all of them or none. Throws UserError for what cannot be defined so, and where the version is not greater than
   * that of what is replaced.
   */
  define(definitions: Definitions, who: AuditInfo): Promise<void> {
    return this.#inTurn(async () => {
      const given = [...definitions].flatMap(([tier, lookups]) =>
        Array.from(lookups, ([name, definition]) => ({ tier, name, definition })),
      );
      const made = given.map(({ tier, name, definition }) => {
        const path = `${tier}.${name}`;
        const before = this.#tiers.get(tier)?.get(name);
        if (before !== undefined) checkVersion(path, before, definition);
        return this.#factory(definition, `${path}.lookupExtractorFactory`);
      });
      const values = given.map(
        ({ tier, name, definition }) => [`${tier}/${name}`, definition] as const,
      );
      await this.settings.setAll('lookups', new Map(values), who);
      for (const [i, { tier, name, definition }] of given.entries()) {
        this.#tierOf(tier).set(name, definition);
        if (tier === ACTIVE_TIER) {
          const before = this.#active.get(name) ?? null;
          this.#activate(new RegisteredLookup(name, definition, made[i]!, this.#services, before));
        }
      }
      this.#tell();
      await this.#settled(given.map(({ name }) => name));
    });
  }

  /** Removes a lookup, or a whole tier. Throws NotFoundError. */
  remove(tier: string, name: string | null, who: AuditInfo): Promise<void> {
    return this.#inTurn(async () => {
      if (name !== null) this.definition(tier, name);
      const names = name === null ? [...this.tier(tier).keys()] : [name];
      const values = new Map(names.map((each) => [`${tier}/${each}`, null]));
      await this.settings.setAll('lookups', values, who);
      for (const each of names) this.#forget(tier, each);
      this.#tell();
    });
  }

  /** Takes up what other processes have defined or removed. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const stored = await this.settings.all('lookups');
      let isChanged = false;
      for (const [path, json] of stored) {
        const [tier, name] = path.split('/') as [string, string];
        const definition = parseDefinition(json, path);
        const known = this.#tiers.get(tier)?.get(name);
        if (known !== undefined && stringifyJson(known) === stringifyJson(definition)) continue;
        this.#restore(tier, name, definition);
        isChanged = true;
      }
      for (const [tier, lookups] of [...this.#tiers]) {
        for (const name of [...lookups.keys()]) {
          if (stored.has(`${tier}/${name}`)) continue;
          this.#forget(tier, name);
          isChanged = true;
        }
      }
      if (isChanged) this.#tell();
    });
  }

  /** To be called often: looks whether files have changed, where it is time. */
  tick(): void {
    for (const lookup of this.#active.values()) lookup.tick();
  }

  /** When nothing is being loaded. */
  async idle(): Promise<void> {
    await Promise.all([...this.#active.values()].map((lookup) => lookup.idle()));
  }

  close(): void {
    for (const lookup of this.#active.values()) lookup.end();
  }

  #forget(tier: string, name: string): void {
    this.#tiers.get(tier)?.delete(name);
    if (this.#tiers.get(tier)?.size === 0) this.#tiers.delete(tier);
    if (tier !== ACTIVE_TIER) return;
    this.#active.get(name)?.end();
    this.#active.delete(name);
  }

  /** What was stored, but cannot be any more (a root that is no longer allowed), is told as a problem. */
  #restore(tier: string, name: string, definition: LookupDefinition): void {
    this.#tierOf(tier).set(name, definition);
    if (tier !== ACTIVE_TIER) return;
    const { logger } = this.#services;
    const before = this.#active.get(name) ?? null;
    try {
      const factory = this.#factory(definition, 'lookupExtractorFactory');
      this.#activate(new RegisteredLookup(name, definition, factory, this.#services, before));
    } catch (error) {
      logger.warn({ lookup: name, err: error }, 'a lookup cannot be loaded any more');
      const factory = { kind: 'refused', error } as const;
      this.#activate(new RegisteredLookup(name, definition, factory, this.#services));
    }
  }

  #factory = ({ lookupExtractorFactory }: LookupDefinition, field: string) =>
    parseLookupFactory(lookupExtractorFactory, field, this.#services.input);

  #activate(lookup: RegisteredLookup): void {
    this.#active.set(lookup.name, lookup);
  }

  #tierOf(tier: string): Map<string, LookupDefinition> {
    const lookups = this.#tiers.get(tier) ?? new Map<string, LookupDefinition>();
    this.#tiers.set(tier, lookups);
    return lookups;
  }

  #tell(): void {
    this.#names = new Map(
      Array.from(
        this.#active,
        ([name, { table, problem }]): [string, LookupTable | { problem: string }] => [
          name,
          table ?? { problem },
        ],
      ),
    );
  }

  async #settled(names: readonly string[] = [...this.#active.keys()]): Promise<void> {
    await Promise.all(names.map((name) => this.#active.get(name)?.settled()));
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
