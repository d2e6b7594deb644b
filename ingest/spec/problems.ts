import { UserError, VarveError } from '../../core/index.js';

/**
 * Collects what is wrong with a spec, so that one answer names all of it. Each problem is a sentence
 * that begins with the path of its field.
 */
export class Problems {
  readonly #found: { readonly message: string; readonly field: string }[] = [];

  add(field: string, message: string): void {
    this.#found.push({ message: `${field}: ${message}`, field });
  }

  /** What `read` gives, or null when it finds a problem, which is kept. */
  collect<T>(field: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!isAboutSpec(error)) throw error;
      const { message } = error;
      this.#found.push({
        message: message.startsWith(field) ? message : `${field}: ${message}`,
        field: error.context.field ?? field,
      });
      return null;
    }
  }

  /** Reads each element of a list, perhaps absent; leaves out those with a problem. */
  each<T>(
    list: readonly unknown[] | null | undefined,
    field: string,
    read: (element: unknown, field: string) => T,
  ): T[] {
    const elements: T[] = [];
    for (const [i, element] of (list ?? []).entries()) {
      const path = `${field}[${i}]`;
      const found = this.collect(path, () => ({ element: read(element, path) }));
      if (found !== null) elements.push(found.element);
    }
    return elements;
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  /** Throws one UserError with every problem found so far, if any. */
  throwIfAny(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const messages = [...new Set(this.#found.map(({ message }) => message))];
    throw new UserError(messages.join(' | '), 'spec', first.field);
  }
}

const isAboutSpec = (error: unknown): error is VarveError =>
  error instanceof VarveError && (error.family === 'user' || error.family === 'unsupported');
