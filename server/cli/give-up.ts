import { Command } from 'commander';
import { RealDisk } from '../../core/index.js';
import { givenCluster } from '../cluster/cluster-config.js';
import { giveUpByMetadata } from '../cluster/give-up-node.js';
import { serveConfig } from './serve.js';

export function giveUpCommand(): Command {
  return new Command('give-up')
    .description(
      'say that rows which only a realtime node of a cluster had are lost with its disk, so that their tables go on',
    )
    .argument('<node>', 'its name; the node is stopped, or waits for its log')
    .option('--config <file>', 'the configuration of a node of the cluster; VARVE_… variables win')
    .action(run);
}

async function run(node: string, flags: { readonly config?: string }): Promise<void> {
  const cluster = givenCluster(serveConfig(flags, process.env).cluster);
  process.stderr.write(`looking for ${cluster.lostAfterMs / 1000} s which nodes live\n`);
  const tables = await giveUpByMetadata(cluster, new RealDisk(), node);
  const what =
    tables.length === 0 ? 'no table lacks rows' : `rows may be missing in ${tables.join(', ')}`;
  process.stdout.write(`the node ${node} is given up; ${what}\n`);
}
