import { resolve } from 'node:path';
import { Command } from 'commander';
import { type FinishedFile, RealDisk } from '../../core/index.js';
import { packSegment, unpackSegment } from '../../segments/index.js';

export function packCommand(): Command {
  return new Command('pack')
    .description('write the deep-storage form of a segment file')
    .argument('<segment>', 'a segment file of a data directory')
    .argument('<packed>', 'the file to write; one that is there is replaced')
    .action((segment: string, packed: string) => {
      const disk = new RealDisk();
      const file = packSegment(disk, resolve(segment), resolve(packed));
      const { sizeBytes } = disk.stat(resolve(segment))!;
      const share = ((100 * file.sizeBytes) / sizeBytes).toFixed(1);
      process.stdout.write(`${lineOf(file)}, ${share} % of the segment file\n`);
    });
}

export function unpackCommand(): Command {
  return new Command('unpack')
    .description('write the segment file that was packed, byte for byte')
    .argument('<packed>', 'what varve pack has written')
    .argument('<segment>', 'the file to write; one that is there is replaced')
    .action((packed: string, segment: string) => {
      const file = unpackSegment(new RealDisk(), resolve(packed), resolve(segment));
      process.stdout.write(`${lineOf(file)}\n`);
    });
}

const lineOf = ({ sizeBytes, sha256 }: FinishedFile): string =>
  `${sizeBytes.toLocaleString('en-US')} bytes, SHA-256 ${sha256}`;
