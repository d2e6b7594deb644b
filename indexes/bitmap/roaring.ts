import { createRequire } from 'node:module';
import type { RoaringBitmap32 } from 'roaring-wasm';

/**
 * The one file that knows the Roaring library, CRoaring in WebAssembly; loaded when first used.
 *
 * The same author's native package is not used. Its weak references outlive the unloading of its code, which ends the
 * process when a worker thread that used it ends, and files are written in worker threads. What it would win, a few
 * milliseconds per million rows, is not worth that; and where both may write runs their bytes differ.
 */
const require = createRequire(import.meta.url);

let library: { readonly RoaringBitmap32: typeof RoaringBitmap32 } | undefined;

/**
 * Rows, ascending and distinct, as a Roaring bitmap in the portable format. Without runs: so the rows alone decide about
 * the bytes, whichever version of CRoaring writes them.
 */
export function writeBitmap(rows: Uint32Array): Uint8Array {
  library ??= require('roaring-wasm') as NonNullable<typeof library>;
  const bitmap = new library.RoaringBitmap32(rows);
  try {
    return bitmap.serialize('portable');
  } finally {
    // Its memory is not collected.
    bitmap.dispose();
  }
}
