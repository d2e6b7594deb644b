import { expect, test } from 'vitest';
import { UnavailableError } from '../../core/index.js';
import { silenceOf } from './node-silence.js';

function world() {
  const listeners = new Set<(name: string) => void>();
  const nodes = {
    listenForSilence(onSilent: (name: string) => void) {
      listeners.add(onSilent);
      return () => listeners.delete(onSilent);
    },
  };
  const tell = (name: string) => {
    for (const listener of listeners) listener(name);
  };
  return { nodes, tell, listeners };
}

test('it is told of the node, and of no other', () => {
  const { nodes, tell } = world();
  const { signal } = silenceOf(nodes, 'r1');
  tell('r2');
  expect(signal.aborted).toBe(false);
  tell('r1');
  expect(signal.reason).toBeInstanceOf(UnavailableError);
  expect(signal.reason.message).toBe('the node "r1" was lost while it was asked');
});

test('who waits no more is not told', () => {
  const { nodes, tell, listeners } = world();
  const { signal, end } = silenceOf(nodes, 'r1');
  end();
  tell('r1');
  expect(signal.aborted).toBe(false);
  expect(listeners.size).toBe(0);
});
