import type { NumberedPartial } from './run-job.js';

/** The memory of the typed arrays in partials of groups, which goes to the other thread instead of a copy. */
export function buffersOf(partials: readonly NumberedPartial[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const add = (array: unknown): void => {
    if (ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer) buffers.add(array.buffer);
  };
  for (const { partial } of partials) {
    if (partial.kind !== 'groups') continue;
    add(partial.buckets);
    for (const key of partial.keys) {
      add(key.kind === 'codes' ? key.codes : key.kind === 'words' ? key.words : key.ordinals);
    }
    for (const states of partial.states) {
      if ('ends' in states) [states.bytes, states.ends].forEach(add);
      else add(states);
    }
  }
  return [...buffers];
}
