import { isAbsolute, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { type Disk, NotFoundError, UserError } from '../../../core/index.js';
import { readFields, textField, textsField } from '../../spec/fields.js';
import { entityOfChunks } from './entity.js';
import type { InputEntity, InputEnvironment, InputSource } from './source.js';

const READ_BYTES = 1 << 20;

const Local = z.object({
  baseDir: textField(null),
  filter: textField('*'),
  files: textsField,
});
type LocalSpec = z.output<typeof Local>;

/**
 * Files of this machine: those below `baseDir` whose name matches `filter`, or `files` one by one.
 * Only regular files are read that lie, with every link resolved, below a root that the server's
 * configuration lists.
 */
export function readLocal(json: unknown, field: string): InputSource {
  const spec = readFields(Local, json, field);
  if (spec.baseDir === null && spec.files.length === 0) {
    throw new UserError(`${field}: want "baseDir" (and "filter"), or "files"`, 'spec', field);
  }
  return {
    type: 'local',
    check: (environment) => {
      for (const path of namedPaths(spec)) allowedPath(path, environment);
    },
    entities: (environment) =>
      filesOf(spec, environment).map((path) => fileEntity(path, environment)),
  };
}

const namedPaths = ({ baseDir, files }: LocalSpec): string[] =>
  (baseDir === null ? files : [baseDir, ...files]).map((path) => resolve(path));

function filesOf(spec: LocalSpec, environment: InputEnvironment): string[] {
  const named = spec.files.map((path) => allowedPath(resolve(path), environment));
  if (spec.baseDir === null) return named;
  const base = allowedPath(resolve(spec.baseDir), environment);
  const matches = wildcard(spec.filter);
  const found = walk(environment.disk, base).filter((path) =>
    matches(path.slice(path.lastIndexOf(sep) + 1)),
  );
  if (found.length === 0) {
    throw new NotFoundError(`no file below ${spec.baseDir} matches the filter ${spec.filter}`);
  }
  return [...named, ...found.map((path) => allowedPath(path, environment))];
}

/** Regular files and links below a directory, sorted. */
function walk(disk: Disk, directory: string): string[] {
  return disk.list(directory).flatMap((name) => {
    const path = join(directory, name);
    return disk.stat(path)?.kind === 'directory' ? walk(disk, path) : [path];
  });
}

/** The real path, when it lies below a root. Throws UserError that says what to change otherwise. */
function allowedPath(path: string, { disk, localRoots }: InputEnvironment): string {
  const isBelow = (real: string) =>
    localRoots.some(
      (root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep),
    );
  // Asked before the disk is, so that a refusal does not tell what exists elsewhere.
  if (!isAbsolute(path) || !(isBelow(path) || reachesRoot(path, disk, isBelow)))
    throw outside(path, localRoots);
  const real = disk.realPath(path);
  if (!isBelow(real)) throw outside(path, localRoots);
  return real;
}

/** A path that is not literally below a root may still lead there, by links in the root's own path. */
function reachesRoot(path: string, disk: Disk, isBelow: (path: string) => boolean): boolean {
  try {
    return isBelow(disk.realPath(path));
  } catch {
    return false;
  }
}

function outside(path: string, roots: readonly string[]): UserError {
  const allowed =
    roots.length === 0 ? 'no directory is allowed yet' : `allowed: ${roots.join(', ')}`;
  return new UserError(
    `the file ${path} is outside the directories that ingestion may read (${allowed}); start the server with --local-root <directory>, or move the file`,
    'spec',
    'spec.ioConfig.inputSource',
  );
}

/** `*` stands for any run of characters, `?` for one. */
function wildcard(filter: string): (name: string) => boolean {
  const pattern = filter
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${pattern}$`, 's');
  return (name) => expression.test(name);
}

function fileEntity(path: string, environment: InputEnvironment): InputEntity {
  const { disk } = environment;
  const sizeBytes = disk.stat(path)?.sizeBytes ?? null;
  return entityOfChunks(path, sizeBytes, () => readFile(disk, path), environment.maxEntityBytes);
}

async function* readFile(disk: Disk, path: string): AsyncIterable<Uint8Array> {
  const file = disk.openRead(path);
  try {
    for (let offset = 0; offset < file.sizeBytes; offset += READ_BYTES) {
      const chunk = new Uint8Array(Math.min(READ_BYTES, file.sizeBytes - offset));
      file.readInto(chunk, offset);
      yield chunk;
    }
  } finally {
    file.close();
  }
}
