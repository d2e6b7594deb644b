import { z } from 'zod';
import { UnavailableError, UserError } from '../../../core/index.js';
import { readFields, requiredText } from '../../spec/fields.js';
import { entityOfChunks } from './entity.js';
import type { InputEntity, InputEnvironment, InputSource } from './source.js';

const MAX_REDIRECTS = 5;
const RESPONSE_TIMEOUT_MS = 60_000;

const Http = z.object({
  uris: z.array(requiredText, { error: 'want a list of URIs' }).min(1, 'want at least one URI'),
});

/**
 * Files behind http or https. Only hosts that the server's configuration lists are asked, and every
 * redirect is checked like the first address.
 */
export function readHttp(json: unknown, field: string): InputSource {
  const { uris } = readFields(Http, json, field);
  return {
    type: 'http',
    check: (environment) => {
      for (const uri of uris) allowedUrl(uri, environment);
    },
    entities: (environment) => uris.map((uri) => httpEntity(uri, environment)),
  };
}

function httpEntity(uri: string, environment: InputEnvironment): InputEntity {
  return entityOfChunks(uri, null, () => fetchChunks(uri, environment), environment.maxEntityBytes);
}

async function* fetchChunks(uri: string, environment: InputEnvironment): AsyncIterable<Uint8Array> {
  const response = await follow(uri, environment);
  if (response.body === null) return;
  yield* response.body as AsyncIterable<Uint8Array>;
}

/** The final response, after redirects that each lead to an allowed host. */
async function follow(uri: string, environment: InputEnvironment): Promise<Response> {
  let at = allowedUrl(uri, environment);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await request(at, environment);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) {
      if (response.ok) return response;
      throw new UnavailableError(`${at.href} answered ${response.status} ${response.statusText}`);
    }
    await response.body?.cancel();
    at = allowedUrl(new URL(location, at).href, environment);
  }
  throw new UnavailableError(`${uri} redirects more than ${MAX_REDIRECTS} times`);
}

async function request(url: URL, environment: InputEnvironment): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
    return await environment.fetch(url, { redirect: 'manual', signal });
  } catch (error) {
    const reason = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    throw new UnavailableError(`${url.href} cannot be read: ${reason}`);
  }
}

function allowedUrl(uri: string, { httpHosts }: InputEnvironment): URL {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refused(`${uri} is no http or https address; write it in full`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(`the address of ${url.host} holds a user name or password; take it out`);
  }
  if (httpHosts.includes(url.hostname) || httpHosts.includes(url.host)) return url;
  const allowed =
    httpHosts.length === 0 ? 'none is allowed yet' : `allowed: ${httpHosts.join(', ')}`;
  throw refused(
    `the host ${url.host} is not one that ingestion may ask (${allowed}); add it to "httpHosts" in the server's configuration`,
  );
}

const refused = (message: string): UserError =>
  new UserError(message, 'spec', 'spec.ioConfig.inputSource.uris');
