import type { Follower } from '../../cluster/index.js';
import type { Clock } from '../../core/index.js';

/**
 * Whether a node that was just started has heard what the others serve: it would ask the wrong ones before. One that does not
 * tell within `patienceMs` is not waited for. Once it is so, it stays so.
 */
export function heardAll(
  { view }: { readonly view: Pick<Follower<unknown>['view'], 'nodes'> },
  clock: Clock,
  patienceMs: number,
): () => boolean {
  const startMs = clock.nowMs();
  let isHeard = false;
  return () => {
    isHeard ||=
      view.nodes().every((served) => served.number >= 0) || clock.nowMs() - startMs >= patienceMs;
    return isHeard;
  };
}
