import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JsonObject, NotFoundError, UserError } from '../../core/index.js';
import { type JavaRegex, wholeJavaRegex } from '../../model/index.js';
import { readHttp } from '../input/sources/http.js';
import { readLocal } from '../input/sources/local.js';
import { locate } from '../input/sources/local-roots.js';
import type { ByteSource, InputEntity, InputEnvironment } from '../input/sources/source.js';
import { shown } from '../spec/fields.js';

type Reach = Pick<InputEnvironment, 'disk' | 'localRoots' | 'httpHosts'>;

/** Where the bytes of a lookup are. */
export interface UriPlace {
  /** Throws UserError for what the server's configuration does not allow. */
  check(reach: Reach): void;
  /** Another text whenever there are other bytes; null where only the bytes tell. */
  stamp(reach: Reach): string | null;
  /** What is to be read now. */
  entity(environment: InputEnvironment): InputEntity;
}

/** Reads `uri`, or `uriPrefix` with `fileRegex`. Throws UserError. */
export function readUriPlace(json: JsonObject, field: string): UriPlace {
  const { uri, uriPrefix, fileRegex } = json;
  const [one, all] = [textOf(uri, `${field}.uri`), textOf(uriPrefix, `${field}.uriPrefix`)];
  if ((one === null) === (all === null)) {
    const got = one === null ? 'neither' : 'both';
    throw refused(`${field}.uri`, `want either "uri" or "uriPrefix"; got ${got}`);
  }
  const pattern = textOf(fileRegex, `${field}.fileRegex`);
  if (all !== null) {
    return new NewestFile(pathOf(all, `${field}.uriPrefix`), pattern ?? '.*', `${field}.uriPrefix`);
  }
  if (pattern !== null) throw refused(`${field}.fileRegex`, 'goes with "uriPrefix"; take it out');
  return onePlace(one!, `${field}.uri`);
}

function onePlace(uri: string, field: string): UriPlace {
  if (/^https?:/i.test(uri)) return new WebPlace(readHttp({ uris: [uri] }, field));
  return new OneFile(pathOf(uri, field), field);
}

/** The answer to a request. */
class WebPlace implements UriPlace {
  constructor(private readonly source: ByteSource) {}

  check(reach: Reach): void {
    this.source.check(reach as InputEnvironment);
  }

  stamp(): null {
    return null;
  }

  entity(environment: InputEnvironment): InputEntity {
    return this.source.entities(environment)[0]!;
  }
}

class OneFile implements UriPlace {
  constructor(
    private readonly path: string,
    private readonly field: string,
  ) {}

  check({ disk, localRoots }: Reach): void {
    locate(disk, localRoots, this.path, this.field);
  }

  stamp(reach: Reach): string | null {
    const { realPath, exists } = locate(reach.disk, reach.localRoots, this.path, this.field);
    return exists ? stampOf(reach, realPath) : null;
  }

  entity(environment: InputEnvironment): InputEntity {
    return fileEntity(this.path, environment, this.field);
  }
}

/** The file that was written last, of those in a directory whose names fit a pattern. */
class NewestFile implements UriPlace {
  readonly #pattern: JavaRegex;

  constructor(
    private readonly directory: string,
    pattern: string,
    private readonly field: string,
  ) {
    this.#pattern = wholeJavaRegex(pattern, field.replace(/\w+$/, 'fileRegex'));
  }

  check({ disk, localRoots }: Reach): void {
    locate(disk, localRoots, this.directory, this.field);
  }

  stamp(reach: Reach): string | null {
    const path = this.#newest(reach);
    return path === null ? null : stampOf(reach, path);
  }

  entity(environment: InputEnvironment): InputEntity {
    const path = this.#newest(environment);
    if (path !== null) return fileEntity(path, environment, this.field);
    throw new NotFoundError(
      `${this.field}: no file in ${JSON.stringify(this.directory)} has a name that fits "fileRegex"`,
    );
  }

  #newest({ disk, localRoots }: Reach): string | null {
    const { realPath } = locate(disk, localRoots, this.directory, this.field);
    let best: { readonly path: string; readonly modifiedMs: number } | null = null;
    for (const name of disk.list(realPath)) {
      if (!this.#pattern.test(name)) continue;
      // Links are followed, as far as they lead to what may be read.
      const path = locate(disk, localRoots, join(realPath, name), this.field).realPath;
      const stat = disk.stat(path);
      if (stat?.kind !== 'file') continue;
      // Of those that are as new as each other, the last by name.
      if (best === null || stat.modifiedMs >= best.modifiedMs) {
        best = { path, modifiedMs: stat.modifiedMs };
      }
    }
    return best?.path ?? null;
  }
}

const fileEntity = (path: string, environment: InputEnvironment, field: string): InputEntity =>
  readLocal({ files: [path] }, field).entities(environment)[0]!;

function stampOf({ disk }: Reach, path: string): string | null {
  const stat = disk.stat(path);
  return stat === null ? null : `${path} ${stat.sizeBytes} ${stat.modifiedMs}`;
}

/** The path of a file: URI, or a path as it is. Throws UserError for other schemes. */
function pathOf(uri: string, field: string): string {
  if (/^file:/i.test(uri)) {
    try {
      // Druid takes `file:/a` and `file:///a`; a path alone may hold what a URI may not.
      return fileURLToPath(new URL(uri));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw refused(field, `${JSON.stringify(uri)} is no path of this machine: ${why}`);
    }
  }
  if (uri.startsWith('/')) return uri;
  const known = field.endsWith('uriPrefix') ? 'file:/…' : 'file:/… or http(s)://…';
  throw refused(
    field,
    `want ${known}; got ${JSON.stringify(uri)}; copy the file to this machine, below one of localRoots`,
  );
}

function textOf(json: unknown, field: string): string | null {
  if (json === undefined || json === null) return null;
  if (typeof json === 'string' && json !== '') return json;
  throw refused(field, `want a text; got ${shown(json)}`);
}

const refused = (field: string, why: string): UserError =>
  new UserError(`${field}: ${why}`, 'request', field);
