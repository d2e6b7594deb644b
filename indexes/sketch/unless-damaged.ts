import { CorruptSketchError } from '../../core/index.js';

/** What `read` gives; null where the bytes are damaged, of which an index then tells nothing. */
export function unlessDamaged<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CorruptSketchError) return null;
    throw error;
  }
}
