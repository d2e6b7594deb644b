import type { NodeSilence } from './node-silence.js';

/** For tests: that of a node that answers whatever it is asked. */
export const neverSilent = (): NodeSilence => ({
  signal: new AbortController().signal,
  end: () => undefined,
});
