import type { ServerResponse } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';

/** The answer's way out; undefined where no socket is behind a request, as in tests. */
function outgoingOf(context: Context): ServerResponse | undefined {
  const { outgoing } = Object(context.env) as { outgoing?: ServerResponse };
  return outgoing;
}

/** Calls `done` when the answer has left as a whole, or when it never will. When `signal` is raised before, the answer is cut. */
export function whenSent(
  context: Context,
  signal: AbortSignal,
  done: (isWhole: boolean) => void,
): void {
  const outgoing = outgoingOf(context);
  if (outgoing === undefined || outgoing.closed) {
    done(outgoing === undefined);
    return;
  }
  const cut = () => void outgoing.destroy();
  signal.addEventListener('abort', cut, { once: true });
  outgoing.once('close', () => {
    signal.removeEventListener('abort', cut);
    done(outgoing.writableFinished);
  });
}

/** Cuts the connections of clients that take no part of what waits for them for so long: it takes memory. */
export function cutSlowClients(timeoutMs: number, onCut: () => void): MiddlewareHandler {
  return (context, next) => {
    const outgoing = outgoingOf(context);
    // Told when no byte has moved, be it that nobody has written one: a query may take its time.
    outgoing?.setTimeout(timeoutMs, () => {
      if ((outgoing.socket?.writableLength ?? 0) === 0) return;
      onCut();
      outgoing.destroy();
    });
    return next();
  };
}
