import type { Server } from 'node:http';

type Fetch = (request: Request, ...rest: never[]) => Response | Promise<Response>;

/** By which load balancers ask whether to send requests here. */
const READINESS = /^\/(status\/ready|druid\/(broker|historical)\/v1\/readiness)\/?$/;

/**
 * A server that is about to end: it answers whatever comes still, but says that it is not ready, and closes each connection behind
 * its answer, so that the next request goes elsewhere.
 */
export class Draining {
  #hasBegun = false;

  begin(): void {
    this.#hasBegun = true;
  }

  /** The answers of `fetch`, but for questions whether it is ready. */
  answering<F extends Fetch>(fetch: F): F {
    const answer = (...[request, ...rest]: Parameters<F>) =>
      this.#hasBegun && READINESS.test(new URL(request.url).pathname)
        ? Response.json(false, { status: 503 })
        : fetch(request, ...rest);
    return answer as F;
  }

  watch(server: Server): void {
    server.prependListener('request', (_request, response) => {
      if (this.#hasBegun) response.shouldKeepAlive = false;
    });
  }
}
