/** Follows names into what they stand for, which must not lead back to them. */
export class Underway {
  readonly #names = new Set<string>();

  /** Follows a virtual column into what it reads; null where that leads back to it. */
  following<T>(name: string, follow: () => T | null): T | null {
    if (this.#names.has(name)) return null;
    this.#names.add(name);
    try {
      return follow();
    } finally {
      this.#names.delete(name);
    }
  }
}
