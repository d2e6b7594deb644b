import { z } from 'zod';
import { UnavailableError, UserError } from '../../../core/index.js';
import { readFields, shown, textsField } from '../../spec/fields.js';
import { StreamEntity } from './entity.js';
import type { ByteSource, InputEntity, InputEnvironment } from './source.js';

const MAX_REDIRECTS = 5;

/** For one request, its body included. */
const TIMEOUT_MS = 10 * 60_000;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const NOT_BUILT = ['httpAuthenticationUsername', 'httpAuthenticationPassword', 'requestHeaders'];

const HttpSpec = z.looseObject({ uris: textsField });

export function readHttp(json: unknown, field: string): ByteSource {
  const { uris, ...others } = readFields(HttpSpec, json, field);
  const given = NOT_BUILT.find((name) => others[name] !== undefined && others[name] !== null);
  if (given !== undefined) {
    throw new UserError(
      `${field}.${given}: is not built yet (value not shown); use uris that need no login`,
      'spec',
      `${field}.${given}`,
    );
  }
  if (uris.length === 0) {
    throw new UserError(
      `${field}.uris: got ${shown(others.uris ?? [])}; give one uri or more`,
      'spec',
      `${field}.uris`,
    );
  }
  return new HttpSource(
    uris.map((uri, i) => parseUri(uri, `${field}.uris[${i}]`)),
    `${field}.uris`,
  );
}

/** Responses to GET requests, one entity per uri. Only allowed hosts are asked, redirects included. */
class HttpSource implements ByteSource {
  readonly type = 'http';

  constructor(
    private readonly uris: readonly URL[],
    private readonly field: string,
  ) {}

  check({ httpHosts }: InputEnvironment): void {
    for (const [i, uri] of this.uris.entries()) checkHost(uri, httpHosts, `${this.field}[${i}]`);
  }

  entities(environment: InputEnvironment): readonly InputEntity[] {
    this.check(environment);
    return this.uris.map(
      (uri, i) =>
        new StreamEntity({
          uri: uri.href,
          name: uri.pathname,
          sizeBytes: null,
          maxBytes: environment.maxEntityBytes,
          stored: () => download(uri, environment, `${this.field}[${i}]`),
        }),
    );
  }
}

/** An http or https address without a password in it. Throws UserError naming `field`. */
function parseUri(text: string, field: string): URL {
  const fail = (why: string) => new UserError(`${field}: ${why}`, 'spec', field);
  if (!URL.canParse(text))
    throw fail(`${JSON.stringify(text)} is not a uri; give http://… or https://…`);
  const uri = new URL(text);
  if (uri.username !== '' || uri.password !== '') {
    throw fail(`the uri for host ${uri.host} has a user or password in it; remove them`);
  }
  if (uri.protocol !== 'http:' && uri.protocol !== 'https:') {
    throw fail(`${JSON.stringify(text)} is not http or https; use one of these`);
  }
  return uri;
}

/** A name without a port in the list allows every port of the host. */
function checkHost(uri: URL, hosts: readonly string[], field: string): void {
  const port = uri.port === '' ? (uri.protocol === 'https:' ? '443' : '80') : uri.port;
  const names: ReadonlySet<string> = new Set([uri.hostname, uri.host, `${uri.hostname}:${port}`]);
  if (hosts.some((host) => names.has(host.toLowerCase()))) return;
  const allowed = hosts.length === 0 ? 'none is allowed' : `allowed: ${hosts.join(', ')}`;
  throw new UserError(
    `${field}: host ${JSON.stringify(uri.host)} is not one that http sources may ask (${allowed}); add it to httpHosts in the configuration of the server`,
    'spec',
    field,
  );
}

async function* download(
  start: URL,
  environment: InputEnvironment,
  field: string,
): AsyncGenerator<Uint8Array> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { body } = await follow(start, environment, signal, field);
  if (body === null) return;
  try {
    // The DOM type lacks the iterator that Node's streams have.
    yield* body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unavailable(start, error);
  }
}

/** The first answer that is no redirect. Every address on the way must be of an allowed host. */
async function follow(
  start: URL,
  { httpHosts, fetch }: InputEnvironment,
  signal: AbortSignal,
  field: string,
): Promise<Response> {
  let uri = start;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    checkHost(uri, httpHosts, field);
    const response = await fetch(uri, { redirect: 'manual', signal }).catch((error: unknown) => {
      throw unavailable(uri, error);
    });
    if (!REDIRECTS.has(response.status)) return checkStatus(response, uri, field);
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (location === null || !URL.canParse(location, uri.href)) {
      throw new UserError(
        `${field}: ${uri.href} redirects to ${shown(location)}, which is no address; give the final uri`,
        'spec',
        field,
      );
    }
    uri = parseUri(new URL(location, uri).href, field);
  }
  throw new UserError(
    `${field}: ${start.href} redirects more than ${MAX_REDIRECTS} times; give the final uri`,
    'spec',
    field,
  );
}

async function checkStatus(response: Response, uri: URL, field: string): Promise<Response> {
  const { status } = response;
  if (status === 200) return response;
  await response.body?.cancel();
  if (status >= 500) throw new UnavailableError(`${uri.href} answered with status ${status}`);
  throw new UserError(
    `${field}: ${uri.href} answered with status ${status}, want 200; check the uri`,
    'spec',
    field,
  );
}

function unavailable(uri: URL, error: unknown): UnavailableError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError(`${uri.href} could not be read: ${why}`, {}, error);
}
