import type { MiddlewareHandler } from 'hono';
import { UserError } from '../../core/index.js';

/** The names under which a loopback server may be addressed. */
const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Refuses requests that a browser was tricked into sending: a `Host` that is not a loopback name
 * (DNS rebinding) and an `Origin` other than this server's own. Programs send no Origin and are
 * not affected. With `anyHost` (the operator said --insecure) only foreign origins are refused.
 */
export function originGuard(anyHost: boolean): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (!anyHost && !LOOPBACK_NAME.test(hostName(host))) {
      return context.json(refusal('Host', host, 'address the server as localhost'), 403);
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && !isSameOrigin(origin, host)) {
      return context.json(refusal('Origin', origin, 'call from a page of this server'), 403);
    }
    return next();
  };
}

/** A path that could mean something else after normalisation is refused before it is routed. */
export const canonicalPathGuard: MiddlewareHandler = async (context, next) => {
  const path = new URL(context.req.url).pathname;
  if (/\/\/|\/\.{1,2}(\/|$)|%2e|%2f|%5c|%00|[;\\]/i.test(path)) {
    throw new UserError(
      `the request path ${path} is not in canonical form; write it without //, ., .. and encoded slashes`,
    );
  }
  return next();
};

const hostName = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

function isSameOrigin(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host.toLowerCase();
  } catch {
    return false;
  }
}

const refusal = (header: string, value: string, remedy: string) => ({
  error: 'Forbidden',
  errorMessage: `requests with the ${header} ${JSON.stringify(value)} are refused; ${remedy}`,
  errorClass: null,
  host: null,
});
