import { basename, dirname, join, resolve } from 'node:path';
import { type Disk, NotFoundError, UserError } from '../../../core/index.js';

/** A path of a spec, found on the disk. */
export interface Located {
  /** With every symbolic link resolved; for what does not exist, as far as it does. */
  readonly realPath: string;
  readonly exists: boolean;
}

/**
 * Finds `path` (relative to the working directory unless absolute) and makes sure that it lies below a
 * root, links resolved. A path outside is refused before anything is said about whether it exists.
 */
export function locate(disk: Disk, roots: readonly string[], path: string, field: string): Located {
  if (path.includes('\0')) {
    throw new UserError(`${field}: ${JSON.stringify(path)} has a NUL in it`, 'spec', field);
  }
  const located = realPathOf(disk, resolve(path));
  if (roots.some((root) => isBelow(root, located.realPath))) return located;
  const allowed = roots.length === 0 ? 'none is allowed' : `allowed: ${roots.join(', ')}`;
  throw new UserError(
    `${field}: ${JSON.stringify(path)} is not below a directory that local sources may read (${allowed}); move the files or start the server with --local-root <directory>`,
    'spec',
    field,
  );
}

export const isBelow = (root: string, realPath: string): boolean =>
  realPath === root || realPath.startsWith(root.endsWith('/') ? root : `${root}/`);

function realPathOf(disk: Disk, path: string): Located {
  try {
    return { realPath: disk.realPath(path), exists: true };
  } catch (error) {
    if (!(error instanceof NotFoundError) || path === '/') throw error;
    const parent = realPathOf(disk, dirname(path));
    return { realPath: join(parent.realPath, basename(path)), exists: false };
  }
}
