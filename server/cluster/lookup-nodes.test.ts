import { expect, test } from 'vitest';
import { silentLogger, stringifyJson, UnavailableError } from '../../core/index.js';
import { type LookupState, problemOf } from '../lookups/lookup-state.js';
import { type LookupNodesOptions, lookupStates } from './lookup-nodes.js';

const definition = (version: string) => ({
  version,
  lookupExtractorFactory: { type: 'map', map: { a: 2n ** 60n } },
});

const state = (version: string, problem?: string): LookupState => ({
  current: { names: definition(version) },
  toLoad: {},
  problems: problem === undefined ? {} : { names: problem },
});

const node = (name: string, ...roles: string[]) => ({ name, roles, url: `http://${name}:1` });

test('every node that answers queries is asked, but this one; who does not answer is told of', async () => {
  const asked: string[] = [];
  const options = {
    self: node('c1', 'coordinator'),
    lookups: { tiers: new Map(), active: () => undefined },
    nodes: {
      alive: () => [
        node('c1', 'coordinator'),
        node('b1', 'broker'),
        node('b2', 'broker'),
        node('h1', 'historical'),
        node('r1', 'realtime', 'historical'),
      ],
    },
    client: {
      ask: async (url: string) => {
        asked.push(url);
        if (url === 'http://b2:1') throw new UnavailableError('gone');
        return stringifyJson(state('v2'));
      },
    },
    logger: silentLogger,
  };
  const found = await lookupStates(options as unknown as LookupNodesOptions);
  expect(asked).toEqual(['http://b1:1', 'http://b2:1', 'http://r1:1']);
  expect([...found.keys()]).toEqual(['c1:1', 'b1:1', 'b2:1', 'r1:1']);
  expect(found.get('b1:1')).toEqual(state('v2'));
  expect(found.get('b2:1')).toBeNull();
  expect(found.get('c1:1')).toEqual({ current: {}, toLoad: {}, problems: {} });
});

test.each([
  { name: 'the newest', of: state('v2'), says: null },
  { name: 'an older one', of: state('v1'), says: /not heard/ },
  { name: 'one whose file is not there any more', of: state('v2', 'no file'), says: /no file/ },
  { name: 'nothing', of: { current: {}, toLoad: {}, problems: {} }, says: /not heard/ },
  { name: 'who does not answer', of: null, says: /does not answer/ },
])('who has $name', ({ of, says }) => {
  const problem = problemOf(of, 'names', definition('v2'));
  if (says === null) expect(problem).toBeNull();
  else expect(problem).toMatch(says);
});
