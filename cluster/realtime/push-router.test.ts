import { afterEach, expect, test } from 'vitest';
import {
  type JsonObject,
  ManualClock,
  silentLogger,
  systemTimers,
  UnavailableError,
  UserError,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import type { PushAnswer, PushRequest } from '../../ingest/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import type { PushLogCatalog } from '../metadata/push-log.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import { OwnedTables, type OwnWorker } from './owned-tables.js';
import { pushMethods } from './push-methods.js';
import { PushRouter } from './push-router.js';
import { chooseOwner, TableOwners } from './table-owners.js';

const SECRET = 'sixteen-letters-or-more';
const SPEC = { timestampSpec: { column: 't' }, dimensionsSpec: { dimensions: ['a'] } };
const answer = (table: string, token: string): PushAnswer => ({
  table,
  token,
  duplicate: false,
  durable: true,
  received: 1,
  stored: 1,
  late: 0,
  rejected: 0,
  deduplicated: 0,
  errors: [],
});

const pushOf = (table: string, text: string): PushRequest => ({
  table,
  format: 'ndjson',
  columns: null,
  ack: 'disk',
  producer: 'p',
  sequence: 7,
  key: null,
  body: utf8Encode(text),
});

/** Takes down what it is asked. */
class FakeWorker implements OwnWorker {
  readonly taken: PushRequest[] = [];
  readonly calls: string[] = [];
  failure: Error | null = null;
  hangs = false;
  constructor(
    private readonly name: string,
    private readonly catalog: PushLogCatalog,
  ) {}
  async push(request: PushRequest) {
    if (this.failure !== null) throw this.failure;
    if (this.hangs) await new Promise(() => undefined);
    this.taken.push(request);
    return answer(request.table, `${this.name}-${this.taken.length}`);
  }
  async replay({ table }: { table: string }) {
    return answer(table, `${this.name}-replay`);
  }
  declare(name: string, spec: JsonObject) {
    this.calls.push(`declare ${name}`);
    return this.catalog.declare(name, spec, 0);
  }
  async handOff(name: string) {
    this.calls.push(`hand off ${name}`);
  }
  async adopt(name: string) {
    this.calls.push(`adopt ${name}`);
    await this.catalog.open(name, 0);
  }
  async give(name: string) {
    this.calls.push(`give ${name}`);
    return { position: 0, state: utf8Encode(`what ${this.name} knew`) };
  }
  stats = (): never => {
    throw new Error('not asked');
  };
}

const stores: MetadataStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** Realtime nodes r1 and r2, and a broker b. */
async function world() {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  stores.push(store);
  for (const name of ['r1', 'r2']) await store.pushLogs.claim(name, null);
  const carrier = new LocalCarrier();
  const live = new Map([
    ['r1', 'local://r1'],
    ['r2', 'local://r2'],
  ]);
  const losses = new Map([...live.keys()].map((name) => [name, new AbortController()]));
  const node = (name: string, role: 'realtime' | 'broker') => {
    const self = { name, incarnation: '1', roles: [role] };
    const shared = { self, cluster: 'c', secret: SECRET, timers: systemTimers };
    const owners = new TableOwners(store.pushTables);
    const worker = new FakeWorker(name, store.pushTables.ofLog(name));
    const tables = store.pushTables;
    const others = () => [...live.keys()].filter((each) => each !== name);
    const hold = { log: name, node: name, epoch: 1 };
    const means = { self: name, hold, owners, tables, worker, others, logger: silentLogger };
    const own = role === 'realtime' ? new OwnedTables(means) : null;
    const client = new NodeClient(carrier, shared);
    const router = new PushRouter({
      ...{ self: name, owners, tables, client, own, timers: systemTimers },
      nodes: () => live,
      silenceOf: (name) => ({
        signal: (losses.get(name) ?? new AbortController()).signal,
        end: () => undefined,
      }),
      onDeclared: async () => undefined,
      signal: new AbortController().signal,
    });
    if (own !== null) {
      const methods = new NodeMethods({ ...shared, logger: silentLogger });
      for (const method of pushMethods(own, 10 << 20)) methods.add(method);
      carrier.connect(`local://${name}`, methods);
    }
    return { worker, own: own!, router };
  };
  const [r1, r2, b] = [node('r1', 'realtime'), node('r2', 'realtime'), node('b', 'broker')];
  return { store, live, losses, r1, r2, b };
}

test('a push to any node reaches the owner, whole, and its answer comes back', async () => {
  const { r1, r2, b, store } = await world();
  expect(await b.router.declare('t', SPEC)).toBe(1);
  expect((await store.pushTables.owners()).get('t')).toEqual({ node: 'r1', epoch: 1 });
  const big = 'ü'.repeat(2_000_000);
  const tokens = [];
  for (const each of [b, r1, r2]) tokens.push((await each.router.push(pushOf('t', big))).token);
  expect(tokens).toEqual(['r1-1', 'r1-2', 'r1-3']);
  for (const { body, ...rest } of r1.worker.taken) {
    const { body: sent, ...asked } = pushOf('t', big);
    expect(rest).toEqual(asked);
    // Compared by hand: there are millions of bytes.
    expect(Buffer.compare(body, sent)).toBe(0);
  }
  expect(r2.worker.taken).toEqual([]);
  expect(await r2.router.declare('t', SPEC)).toBe(2);
  expect((await b.router.replay({ table: 't', letters: [], acceptLate: true })).token).toBe(
    'r1-replay',
  );
  await b.router.handOff('t');
  expect(r1.worker.calls).toEqual(['adopt t', 'declare t', 'declare t', 'hand off t']);
});

test('a table that nobody declared gets the spec of its rows and the node with the fewest tables', async () => {
  const { b, store } = await world();
  await b.router.declare('t', SPEC);
  const row = '{"timestamp":"2020-01-01T00:00:00Z","a":"x"}';
  expect((await b.router.push(pushOf('u', row))).token).toBe('r2-1');
  expect((await store.pushTables.owners()).get('u')?.node).toBe('r2');
  await expect(b.router.push(pushOf('v', '{}'))).rejects.toThrow(UserError);
  expect((await store.pushTables.owners()).has('v')).toBe(false);
});

test('an owner that is away is waited for: no other node takes its rows', async () => {
  const { live, b, r2 } = await world();
  await b.router.declare('t', SPEC);
  live.delete('r1');
  await expect(b.router.push(pushOf('t', 'x'))).rejects.toThrow(UnavailableError);
  expect(r2.worker.taken).toEqual([]);
});

test('errors of the owner come back with their type', async () => {
  const { b, r1 } = await world();
  await b.router.declare('t', SPEC);
  r1.worker.failure = new UserError('rows: bad', 'request', 'rows');
  await expect(b.router.push(pushOf('t', 'x'))).rejects.toMatchObject({
    family: 'user',
    field: 'rows',
  });
});

test('a node that leaves publishes all and gives its tables away, with what it knows', async () => {
  const { b, r1, r2, store } = await world();
  await b.router.declare('t', SPEC);
  await b.router.push(pushOf('t', 'x'));
  await r1.own.drain();
  // It knows the old owner, asks it, and finds the next one.
  expect((await b.router.push(pushOf('t', 'y'))).token).toBe('r2-1');
  expect(r1.worker.calls.slice(-2)).toEqual(['hand off t', 'give t']);
  expect((await store.pushTables.owners()).get('t')).toEqual({ node: 'r2', epoch: 2 });
  expect((await store.pushTables.logs()).map(({ log }) => log)).toEqual(['r2']);
  expect(utf8Decode((await store.pushTables.ofLog('r2').open('t', 0))!.state!)).toBe(
    'what r1 knew',
  );
  expect((await r2.router.push(pushOf('t', 'y'))).token).toBe('r2-2');
});

test('a node that is alone keeps its tables, and takes them up again', async () => {
  const { b, live, r1, store } = await world();
  await b.router.declare('t', SPEC);
  live.delete('r2');
  await r1.own.drain();
  expect((await store.pushTables.owners()).get('t')).toEqual({ node: 'r1', epoch: 2 });
  expect(await store.pushTables.logs()).toEqual([]);
});

test('who waits for an owner that hangs is told when it is lost', async () => {
  const { b, r1, losses } = await world();
  await b.router.declare('t', SPEC);
  r1.worker.hangs = true;
  const pushed = b.router.push(pushOf('t', 'x'));
  setTimeout(() => losses.get('r1')!.abort(new UnavailableError('it is lost')), 20);
  await expect(pushed).rejects.toThrow(
    /the node "r1" was lost while .* what it did is not known; send the request again/,
  );
});

test('a table of a node that was given up goes to another one', async () => {
  const { b, live, store } = await world();
  await b.router.declare('t', SPEC);
  await b.router.push(pushOf('t', 'x'));
  live.delete('r1');
  await expect(b.router.push(pushOf('t', 'y'))).rejects.toThrow(UnavailableError);
  expect(await store.pushTables.giveUp('r1')).toEqual(['t']);
  expect((await b.router.push(pushOf('t', 'y'))).token).toBe('r2-1');
});

test('owners are chosen by how many tables they have, then by name', () => {
  const owners = [{ node: 'a' }, { node: 'a' }, { node: 'c' }, { node: 'gone' }];
  expect(chooseOwner(owners, ['c', 'b', 'a'])).toBe('b');
  expect(chooseOwner(owners, ['c', 'a'])).toBe('c');
  expect(chooseOwner([], ['b', 'a'])).toBe('a');
  expect(chooseOwner(owners, [])).toBe(null);
});
