/**
 * Files that are not visible any more, and those who may still read them. A reader sees what was
 * visible when it began: a file that was given up after that is free when the reader is done.
 */
export class FileLeases {
  /** When each reader began, oldest first. */
  readonly #readers = new Set<number>();
  /** When paths were given up, oldest first. */
  readonly #given: { readonly at: number; readonly paths: readonly string[] }[] = [];
  #now = 0;

  /** `remove` is told of paths that nobody reads. */
  constructor(private readonly remove: (paths: readonly string[]) => void) {}

  /** How many files wait for readers. */
  get waitingCount(): number {
    return this.#given.reduce((count, { paths }) => count + paths.length, 0);
  }

  /** Begins a reader; gives the end of it, which may be called more than once. */
  read(): () => void {
    const began = this.#now++;
    this.#readers.add(began);
    return () => {
      if (this.#readers.delete(began)) this.#sweep();
    };
  }

  /** Gives up paths that no reader can come to see any more. */
  giveUp(paths: readonly string[]): void {
    if (paths.length === 0) return;
    this.#given.push({ at: this.#now++, paths });
    this.#sweep();
  }

  #sweep(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#readers;
    for (;;) {
      const first = this.#given[0];
      if (first === undefined || first.at > oldest) return;
      this.#given.shift();
      this.remove(first.paths);
    }
  }
}
