import { NotFoundError, UnavailableError } from './errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'the process has too many open files',
  ENFILE: 'the system has too many open files',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  EISDIR: 'it is a directory',
  EEXIST: 'something else has that name',
  ENOTEMPTY: 'the directory is not empty',
  EINVAL: 'the system refuses the arguments',
  ELOOP: 'it has too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Our error for one of the system's: NotFoundError for a missing name, else UnavailableError with
 * the reason in plain words and the system's code in `context.code`. Anything else is given back.
 */
export function diskError(verb: string, path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === null) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return noSuchFile(verb, path);
  }
  return refusal(verb, path, code, error);
}

/** The system's code of a refused call, else null. */
function codeOf(error: unknown): string | null {
  // Node's own argument errors have a code too; those are our bugs and name no system call.
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The error of a refused call, by the system's code for it. */
export function refusal(
  verb: string,
  path: string,
  code: string,
  cause?: unknown,
): UnavailableError {
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code]! : code;
  return new UnavailableError(`cannot ${verb} ${path}: ${reason}`, { path, code }, cause);
}

export function noSuchFile(verb: string, path: string): NotFoundError {
  return new NotFoundError(`cannot ${verb} ${path}: no such file or directory`, { path });
}

/** The error of a read that runs over the end of a file. */
export function fileEndsEarly(path: string, wantedEnd: number, end: number): UnavailableError {
  return new UnavailableError(`${path} ends at byte ${end}, ${wantedEnd} were wanted`, { path });
}
