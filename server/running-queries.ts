/** The queries that run now, by the id under which their clients may cancel them. */
export class RunningQueries {
  readonly #running = new Map<string, Set<AbortController>>();

  /**
   * Runs `work` with a signal that `cancel(id)` raises, and also `parent` (the client went away).
   * Ids need not be unique: cancelling one cancels all that share it.
   */
  async run<T>(
    id: string,
    parent: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (parent?.aborted === true) abort();
    else parent?.addEventListener('abort', abort, { once: true });
    this.#add(id, controller);
    try {
      return await work(controller.signal);
    } finally {
      parent?.removeEventListener('abort', abort);
      this.#remove(id, controller);
    }
  }

  /** Cancels every query with this id; false when there is none. */
  cancel(id: string): boolean {
    const controllers = this.#running.get(id);
    for (const controller of controllers ?? []) controller.abort();
    return controllers !== undefined;
  }

  get count(): number {
    return [...this.#running.values()].reduce((sum, set) => sum + set.size, 0);
  }

  #add(id: string, controller: AbortController): void {
    const set = this.#running.get(id) ?? new Set();
    this.#running.set(id, set.add(controller));
  }

  #remove(id: string, controller: AbortController): void {
    const set = this.#running.get(id);
    set?.delete(controller);
    if (set?.size === 0) this.#running.delete(id);
  }
}
