import { encodeError, type WireError } from '../../core/index.js';
import type { FetchedFile, SegmentFetcher } from '../input/sources/source.js';

/** To the worker that asked for a file. */
export type FileAnswer = { readonly path: string } | { readonly error: WireError };

/** Fetches the files that a worker asks for. It is done with one when it asks for the next, so that it holds one at a time. */
export class WantedFiles {
  readonly #ending = new AbortController();
  #held: FetchedFile | null = null;

  constructor(private readonly fetch: SegmentFetcher) {}

  async next(stored: unknown): Promise<FileAnswer> {
    this.#release();
    const { signal } = this.#ending;
    try {
      this.#held = await this.fetch(stored, signal);
      if (signal.aborted) this.#release();
      return { path: this.#held?.path ?? '' };
    } catch (error) {
      return { error: encodeError(error) };
    }
  }

  /** Ends what is being fetched, and releases what is held. */
  close(): void {
    this.#ending.abort();
    this.#release();
  }

  #release(): void {
    this.#held?.release();
    this.#held = null;
  }
}
