import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { draws } from '../../core/testing.js';
import { LostNodesWorld } from './lost-nodes-testing.js';

const NODES = ['r1', 'r2', 'r3'];

const worlds: LostNodesWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function start(seed = 1): Promise<LostNodesWorld> {
  const world = await LostNodesWorld.start(NODES, seed);
  worlds.push(world);
  return world;
}

/** By what they are to the table just then. */
const node = fc.constantFrom('owner', 'standby', 'other');
const kind = <Kind extends string>(name: Kind) => fc.constant(name);

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: kind('push'), producer: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('round') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('handOff') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('crash'), node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('lose'), node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('hang'), node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wake'), node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('cut'), from: node, to: node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('mend') }) },
);

type Drawn = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Gives every node of a step its name. */
async function withNames(world: LostNodesWorld, drawn: Drawn): Promise<Drawn> {
  const owner = (await world.ownerOf('t'))!;
  const log = (await world.store.pushLogs.list()).find((state) => state.log === owner);
  const others = NODES.filter((name) => name !== owner);
  const standby = log?.standbys[0] ?? others[0]!;
  const names: Record<string, string> = {
    owner,
    standby,
    other: others.find((name) => name !== standby)!,
  };
  return Object.fromEntries(
    Object.entries(drawn).map(([key, value]) => [key, names[String(value)] ?? value]),
  ) as Drawn;
}

/** What producers know: each sends its next batch when the one before is acknowledged. */
class Producers {
  readonly #sent = [1, 1];
  readonly #acknowledged = [0, 0];

  async push(world: LostNodesWorld, producer: number): Promise<boolean> {
    const sequence = this.#sent[producer]!;
    try {
      await world.push(`p${producer}`, sequence);
    } catch {
      return false;
    }
    this.#acknowledged[producer] = sequence;
    this.#sent[producer] = sequence + 1;
    return true;
  }

  get acknowledged(): string[] {
    return this.#acknowledged
      .flatMap((count, producer) =>
        Array.from({ length: count }, (_, i) => `p${producer} ${i + 1}`),
      )
      .sort();
  }
}

test('what is acknowledged is stored once, whichever one node is lost at a time', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(step, { minLength: 10, maxLength: 40 }),
      async (seed, steps) => {
        const world = await LostNodesWorld.start(NODES, seed);
        const producers = new Producers();
        await world.settle(() => world.process('r2').copies.list().length > 0);
        for (const drawn of steps) {
          const each = await withNames(world, drawn);
          if (each.kind === 'push') await producers.push(world, each.producer);
          else if (each.kind === 'round') await world.round();
          else if (each.kind === 'crash') world.restart(each.node, false);
          else if (each.kind === 'hang') world.live.delete(each.node);
          else if (each.kind === 'wake') {
            if (world.process(each.node).owned !== null) world.live.add(each.node);
          } else if (each.kind === 'cut') {
            if (each.from !== each.to) world.cut.add(`${each.from}>${each.to}`);
          } else if (each.kind === 'mend') world.cut.clear();
          else if (each.kind === 'handOff') {
            const owner = await world.ownerOf('t');
            await world
              .process(owner!)
              .owned?.run('t', (worker) => worker.handOff('t'))
              .catch(() => undefined);
          } else if (await isSafeToLose(world, each.node)) world.restart(each.node, true);
        }
        world.cut.clear();
        await world.settle(() => NODES.every((name) => isUp(world, name)));
        for (const producer of [0, 1]) {
          await untilTrue(world, () => producers.push(world, producer));
        }
        await untilTrue(world, async () => {
          for (const name of NODES) await world.process(name).owned?.drain();
          return (await world.store.pushTables.logs()).length === 0;
        });
        expect(await world.published()).toEqual(producers.acknowledged);
        await world.close();
      },
    ),
    { numRuns: draws(60) },
  ));

/** Hung nodes wake. */
function isUp(world: LostNodesWorld, name: string): boolean {
  const { owned } = world.process(name);
  if (owned !== null) world.live.add(name);
  return owned !== null;
}

/** Whether another disk has all that was acknowledged and is not published of each log that this one has. */
async function isSafeToLose(world: LostNodesWorld, name: string): Promise<boolean> {
  const open = new Set((await world.store.pushTables.logs()).map(({ log }) => log));
  const states = await world.store.pushLogs.list();
  return states
    .filter(({ log }) => open.has(log))
    .every((state) => {
      const disks = NODES.filter((node) => world.hasAllOf(state, node));
      return !disks.includes(name) || disks.length > 1;
    });
}

async function untilTrue(world: LostNodesWorld, work: () => Promise<boolean>): Promise<void> {
  for (let rounds = 0; !(await work()); rounds++) {
    if (rounds > 200) throw new Error('it does not come about');
    await world.round();
  }
}

test('a disk that is lost costs nothing: a standby publishes what was on it', async () => {
  const world = await start();
  await world.settle(() => world.process('r2').copies.list().length > 0);
  const producers = new Producers();
  for (let i = 0; i < 20; i++) expect(await producers.push(world, i % 2)).toBe(true);
  world.process('r1').end();
  await world.settle(() => world.process('r2').kept.counts.takeOvers === 1);
  expect(await world.published()).toEqual(producers.acknowledged);
  expect((await world.store.pushTables.owners()).get('t')!.node).not.toBe('r1');
  // What was pushed before is known where the table went.
  expect(await world.push('p0', 3)).toMatchObject({ duplicate: true });
});

test('rows that are on no disk are not lost before somebody says so', async () => {
  const world = await start();
  await world.settle(() => world.process('r2').copies.list().length > 0);
  const producers = new Producers();
  await producers.push(world, 0);
  for (const name of ['r2', 'r1']) world.restart(name, true);
  const { pushTables } = world.store;
  const isOwned = () => world.process('r1').owned !== null;
  for (let i = 0; i < 50; i++) await world.round();
  expect(isOwned()).toBe(false);
  expect((await pushTables.logs()).map(({ log }) => log)).toEqual(['r1']);
  expect(await pushTables.giveUp('r1')).toEqual(['t']);
  await world.settle(isOwned);
  await pushTables.assignOwner('t', 'r1', (await pushTables.owners()).get('t')!.epoch);
  expect(await producers.push(world, 1)).toBe(true);
});

test('a log whose taker has lost it goes back to the disk that it came from', async () => {
  const world = await start();
  await world.settle(() => world.process('r2').copies.list().length > 0);
  const producers = new Producers();
  await producers.push(world, 0);
  world.live.delete('r1');
  const [state] = await world.store.pushLogs.list();
  await world.store.pushLogs.takeOver('r1', state!.logId!, 'r2');
  world.restart('r2', true);
  await world.settle(() => world.live.has('r1') && world.live.has('r2'));
  await untilTrue(world, () => producers.push(world, 0));
  await world.process('r1').owned!.drain();
  expect(await world.published()).toEqual(producers.acknowledged);
});
