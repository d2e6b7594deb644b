import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { draws, SEED } from '../../core/testing.js';
import { CALM, type NetworkFaults } from '../transport/simulated-network-testing.js';
import { MembershipWorld } from './simulation-testing.js';

const NAMES = ['a', 'b', 'c'];
const STEPS = 60;

/** Between none and a lot of each. */
function drawFaults(random: SeededRandom): NetworkFaults {
  const rate = (most: number) =>
    random.nextUint32() % 3 === 0 ? 0 : (random.nextUint32() / 2 ** 32) * most;
  return {
    maxDelayMs: 1 + (random.nextUint32() % 800),
    lost: rate(0.2),
    duplicated: rate(0.5),
    unanswered: rate(0.2),
    broken: rate(0.2),
  };
}

async function storm(world: MembershipWorld, random: SeededRandom): Promise<void> {
  const pick = (n: number) => random.nextUint32() % n;
  for (let step = 0; step < STEPS; step++) {
    const name = NAMES[pick(NAMES.length)]!;
    const url = `sim:${name}`;
    const node = world.newest(name);
    const what = pick(24);
    if (what === 0) node?.crash();
    else if (what === 1 && node?.isDead !== false) world.start(name);
    // The one before it lives on, and does not know.
    else if (what === 2) world.start(name);
    else if (what === 3) world.network.cut('sim:broker', url);
    else if (what === 4) world.network.cut(url, 'sim:broker');
    else if (what === 5) world.network.healAll();
    else if (what === 6) world.network.faults = drawFaults(random);
    else if (what === 7) world.table.isAway = !world.table.isAway;
    else if (what === 8) world.nodes.suspect(name, node?.record.incarnation ?? '');
    else
      for (let i = pick(5); i >= 0; i--) if (node?.isDead === false) node.announceSomething(random);
    await world.time.run(pick(4) === 0 ? pick(8000) : pick(300));
    world.checkSafety();
  }
}

async function calm(world: MembershipWorld): Promise<void> {
  world.network.healAll();
  world.network.faults = CALM;
  world.table.isAway = false;
  // Nodes that could not register when they started end, and are started again.
  for (const name of NAMES) {
    const node = world.newest(name);
    if (node !== undefined && world.table.rows.get(name)?.incarnation === node.record.incarnation)
      continue;
    node?.crash();
    world.start(name);
  }
  await world.time.run(15_000);
}

test('the view never says what was not announced, and tells the truth when the storm is over', async () => {
  for (let seed = SEED; seed < SEED + draws(25); seed++) {
    const world = new MembershipWorld(seed);
    const random = new SeededRandom(seed ^ 0x5eed);
    await run(world, random).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    });
  }
});

async function run(world: MembershipWorld, random: SeededRandom): Promise<void> {
  for (const name of NAMES) world.start(name);
  await world.nodes.start();
  world.follower.start();
  await storm(world, random);
  await calm(world);
  const { wanted, found } = world.truth();
  expect(found).toEqual(wanted);
  // Whoever lost its name knows.
  const registered = new Set([...world.table.rows.values()].map(({ incarnation }) => incarnation));
  const ignorant = world.incarnations.filter(
    (node) =>
      node.membership !== null &&
      !node.isDead &&
      !node.isReplaced &&
      !registered.has(node.record.incarnation),
  );
  expect(ignorant.map(({ record }) => record.incarnation)).toEqual([]);
  world.follower.close();
  world.nodes.close();
  for (const node of world.incarnations) node.isDead = true;
}

test('a change is seen as soon as the network takes, without waiting for a poll', async () => {
  const world = new MembershipWorld(1);
  const node = world.start('a');
  await world.nodes.start();
  world.follower.start();
  await world.time.run(1000);
  node.announcer.announce({ added: ['new'] });
  await world.time.run(4 * CALM.maxDelayMs);
  expect(world.follower.view.nodesOf('new').map((served) => served.node.name)).toEqual(['a']);
  node.crash();
  await world.time.run(4 * CALM.maxDelayMs + 200);
  // It refuses connections: nobody waits for its beat to be missed.
  expect(world.follower.view.nodesOf('new')).toEqual([]);
  expect(world.nodes.node('a')).toBeNull();
});
