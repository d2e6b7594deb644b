import { z } from 'zod';
import { parseByteSize } from '../core/index.js';

const WANT_BYTES = 'want a number of bytes such as 300, "64KiB", "10MiB" or "1g"';

/** A byte count or a text such as "512MiB". */
export const byteSize = () =>
  z.union([z.number(), z.string()], { error: WANT_BYTES }).transform((value, context) => {
    try {
      return parseByteSize(value, '');
    } catch {
      context.addIssue(WANT_BYTES);
      return z.NEVER;
    }
  });
