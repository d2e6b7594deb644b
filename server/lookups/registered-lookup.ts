import type { Clock, Logger } from '../../core/index.js';
import type {
  InputEnvironment,
  LookupFactory,
  LookupLoader,
  UriFactory,
} from '../../ingest/index.js';
import { type LookupTable, lookupTable } from '../../model/index.js';
import type { LookupDefinition } from './definition.js';

export interface LoadServices {
  readonly loader: LookupLoader;
  readonly input: Pick<InputEnvironment, 'disk' | 'localRoots' | 'httpHosts'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a table has come, or the reason why there is none. */
  readonly onChange: () => void;
}

/** Where nothing says how often to look, what failed is tried again after this time. */
const RETRY_MS = 30_000;

/**
 * One lookup of this process: its definition, the pairs that it has now, and how the last attempt to get newer ones went. What cannot
 * be loaded leaves the pairs as they are.
 */
export class RegisteredLookup {
  #table: LookupTable | null;
  /** The definition that the table is of. */
  #loaded: LookupDefinition | null = null;
  #error: string | null = null;
  #stamp: string | null = null;
  #dueMs: number | null = null;
  #loading: Promise<void> | null = null;
  #isGone = false;

  /** `before` is what had the name until now, and lends its pairs until there are others. */
  constructor(
    readonly name: string,
    readonly definition: LookupDefinition,
    private readonly factory: LookupFactory | { readonly kind: 'refused'; readonly error: unknown },
    private readonly services: LoadServices,
    before: RegisteredLookup | null = null,
  ) {
    this.#table = before?.table ?? null;
    this.#loaded = before?.loaded ?? null;
    before?.end();
    if (factory.kind === 'map') this.#take(lookupTable(factory.pairs));
    else if (factory.kind === 'uri') this.#load(factory);
    else this.#error = messageOf(factory.error);
  }

  get table(): LookupTable | null {
    return this.#table;
  }

  /** The definition of the pairs in use, which may be an older one; null where there are none. */
  get loaded(): LookupDefinition | null {
    return this.#loaded;
  }

  /** Whether the pairs in use are of the definition, and the last attempt to get newer ones did not fail. */
  get isLoaded(): boolean {
    return this.#loaded === this.definition && this.#error === null;
  }

  /** Why it is not. */
  get problem(): string {
    return this.#error ?? 'it is being loaded; ask again soon';
  }

  get error(): string | null {
    return this.#error;
  }

  /** Looks whether there is something new, if it is time. */
  tick(): void {
    const { factory } = this;
    if (factory.kind !== 'uri' || this.#loading !== null || this.#dueMs === null) return;
    if (this.services.clock.nowMs() >= this.#dueMs) this.#load(factory);
  }

  /** When the attempt under way has ended, or the time is up that the definition grants it. */
  async settled(): Promise<void> {
    if (this.factory.kind !== 'uri' || this.#loading === null) return;
    const { waitMs } = this.factory;
    if (waitMs > 0) await Promise.race([this.#loading, timeout(waitMs)]);
  }

  /** When the attempt under way has ended. */
  async idle(): Promise<void> {
    await this.#loading;
  }

  /** It is defined no more, or anew: what still comes is not wanted. */
  end(): void {
    this.#isGone = true;
    this.#dueMs = null;
  }

  #load(factory: UriFactory): void {
    this.#loading = this.#read(factory).finally(() => {
      this.#loading = null;
      if (this.#isGone) return;
      const waitMs = factory.pollMs ?? (this.#error === null ? null : RETRY_MS);
      this.#dueMs = waitMs === null ? null : this.services.clock.nowMs() + waitMs;
      this.services.onChange();
    });
  }

  async #read(factory: UriFactory): Promise<void> {
    const { loader, logger, input } = this.services;
    const { name, definition } = this;
    try {
      const stamp = factory.place.stamp(input);
      if (stamp !== null && stamp === this.#stamp && this.isLoaded) return;
      const { table, uri, skipped } = await loader.load(factory);
      if (this.#isGone) return;
      this.#stamp = stamp;
      this.#take(table);
      const { version } = definition;
      logger.info({ lookup: name, version, uri, pairs: table.size, skipped }, 'lookup loaded');
    } catch (error) {
      if (this.#isGone) return;
      this.#error = messageOf(error);
      logger.warn({ lookup: name, err: error }, 'a lookup could not be loaded; it stays as it is');
    }
  }

  #take(table: LookupTable): void {
    // The same pairs as before: what is remembered by them holds on.
    if (this.#table?.contentId !== table.contentId) this.#table = table;
    this.#loaded = this.definition;
    this.#error = null;
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const timeout = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
