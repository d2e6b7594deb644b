import { join } from 'node:path';
import { z } from 'zod';
import { type Disk, type ReadFile, UserError } from '../../../core/index.js';
import { readFields, textField, textsField } from '../../spec/fields.js';
import { StreamEntity } from './entity.js';
import { isBelow, locate } from './local-roots.js';
import type { ByteRanges, ByteSource, InputEntity, InputEnvironment } from './source.js';
import { matchesWildcard } from './wildcard.js';

const LocalSpec = z.object({
  baseDir: textField(null),
  filter: textField(null),
  files: textsField,
});

/** Files of one read of a `local` source: more would be a wrong directory. */
const MAX_FILES = 100_000;

const CHUNK_BYTES = 1024 * 1024;

export function readLocal(json: unknown, field: string): ByteSource {
  const { baseDir, filter, files } = readFields(LocalSpec, json, field);
  if (files.length > 0) {
    if (baseDir === null) return new FilesSource(files, field);
    throw new UserError(
      `${field}: baseDir ${JSON.stringify(baseDir)} and files are both given; give one of them`,
      'spec',
      field,
    );
  }
  if (baseDir === null || baseDir === '') {
    throw new UserError(
      `${field}.baseDir: got nothing; give baseDir and filter, or files`,
      'spec',
      `${field}.baseDir`,
    );
  }
  if (filter === null || filter === '') {
    throw new UserError(
      `${field}.filter: got nothing; give a wildcard for file names such as "*.json", or "*"`,
      'spec',
      `${field}.filter`,
    );
  }
  return new DirectorySource(baseDir, filter, field);
}

/** The listed files, in the order of the list. */
class FilesSource implements ByteSource {
  readonly type = 'local';

  constructor(
    private readonly files: readonly string[],
    private readonly field: string,
  ) {}

  check({ disk, localRoots }: InputEnvironment): void {
    for (const [i, path] of this.files.entries()) {
      locate(disk, localRoots, path, `${this.field}.files[${i}]`);
    }
  }

  entities(environment: InputEnvironment): readonly InputEntity[] {
    const { disk, localRoots } = environment;
    return this.files.map((path, i) => {
      const field = `${this.field}.files[${i}]`;
      const { realPath, exists } = locate(disk, localRoots, path, field);
      if (!exists || disk.stat(realPath)?.kind !== 'file') throw notFound(path, 'file', field);
      return fileEntity(realPath, environment);
    });
  }
}

/** All files below a directory whose names fit a wildcard, sorted by path. */
class DirectorySource implements ByteSource {
  readonly type = 'local';

  constructor(
    private readonly baseDir: string,
    private readonly filter: string,
    private readonly field: string,
  ) {}

  check({ disk, localRoots }: InputEnvironment): void {
    locate(disk, localRoots, this.baseDir, `${this.field}.baseDir`);
  }

  entities(environment: InputEnvironment): readonly InputEntity[] {
    const { disk, localRoots } = environment;
    const field = `${this.field}.baseDir`;
    const { realPath, exists } = locate(disk, localRoots, this.baseDir, field);
    if (!exists || disk.stat(realPath)?.kind !== 'directory') {
      throw notFound(this.baseDir, 'directory', field);
    }
    const paths: string[] = [];
    this.#collect(disk, localRoots, realPath, paths);
    return paths
      .filter((path) => disk.stat(path)?.sizeBytes !== 0)
      .map((path) => fileEntity(path, environment));
  }

  /** Adds the matching files; links to files are read where they stay below the roots, links to directories are not followed. */
  #collect(disk: Disk, roots: readonly string[], directory: string, paths: string[]): void {
    for (const name of disk.list(directory)) {
      const path = join(directory, name);
      const kind = disk.stat(path)?.kind;
      if (kind === 'directory') this.#collect(disk, roots, path, paths);
      else if (kind !== undefined && matchesWildcard(name, this.filter)) {
        const file = kind === 'file' ? path : this.#target(disk, roots, path);
        if (file !== null) paths.push(file);
      }
      if (paths.length > MAX_FILES) {
        throw new UserError(
          `${this.field}.baseDir: more than ${MAX_FILES} files below ${JSON.stringify(this.baseDir)}; use a narrower filter or directory`,
          'spec',
          `${this.field}.baseDir`,
        );
      }
    }
  }

  /** The regular file that a link leads to; null for devices, pipes, directories and broken links. */
  #target(disk: Disk, roots: readonly string[], path: string): string | null {
    const { realPath, exists } = locate(disk, roots, path, `${this.field}.baseDir`);
    return exists && disk.stat(realPath)?.kind === 'file' ? realPath : null;
  }
}

function notFound(path: string, kind: string, field: string): UserError {
  return new UserError(
    `${field}: ${JSON.stringify(path)} not found: no such ${kind}; check the path`,
    'spec',
    field,
  );
}

function fileEntity(path: string, environment: InputEnvironment): InputEntity {
  const { disk, localRoots, maxEntityBytes } = environment;
  return new StreamEntity({
    uri: `file:${path}`,
    name: path,
    sizeBytes: disk.stat(path)?.sizeBytes ?? null,
    maxBytes: maxEntityBytes,
    stored: () => readFile(disk, localRoots, path),
    ranges: () => openRanges(disk, localRoots, path),
  });
}

/** Opens a file that must lie below the roots: the path may have become a link since it was listed. */
function openFile(disk: Disk, roots: readonly string[], path: string): ReadFile {
  const file = disk.openRead(path);
  const realPath = disk.realPath(path);
  if (roots.some((root) => isBelow(root, realPath))) return file;
  file.close();
  throw new UserError(`${path}: has left the directories that local sources may read`, 'spec');
}

function openRanges(disk: Disk, roots: readonly string[], path: string): ByteRanges {
  const file = openFile(disk, roots, path);
  return {
    sizeBytes: file.sizeBytes,
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, file.sizeBytes - offset)));
      file.readInto(bytes, offset);
      return bytes;
    },
    close: () => file.close(),
  };
}

/** The file's bytes; all chunks are of one buffer. */
async function* readFile(
  disk: Disk,
  roots: readonly string[],
  path: string,
): AsyncGenerator<Uint8Array> {
  const file = openFile(disk, roots, path);
  try {
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, file.sizeBytes));
    for (let offset = 0; offset < file.sizeBytes; offset += CHUNK_BYTES) {
      const chunk = buffer.subarray(0, file.sizeBytes - offset);
      file.readInto(chunk, offset);
      yield chunk;
    }
  } finally {
    file.close();
  }
}
