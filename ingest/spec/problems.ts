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
