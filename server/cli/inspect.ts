import { resolve } from 'node:path';
import { Command } from 'commander';
import { RealDisk, stringifyJson } from '../../core/index.js';
import { formatInstant, jsonPathText, splitPathColumn } from '../../model/index.js';
import {
  type ColumnInspection,
  inspectSegment,
  type SegmentInspection,
  type TreeInspection,
} from '../../segments/index.js';
import { textTable } from './table.js';

interface Flags {
  readonly verify: boolean;
  readonly packed: boolean;
  readonly json: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect').description('tell what a file holds').addCommand(
    new Command('segment')
      .description('how the columns of a segment are stored, and what they take')
      .argument('<file>', 'a segment file, or what varve pack has written')
      .option('--verify', 'read everything and check it', false)
      .option('--no-packed', 'do not find out what the deep-storage form would take')
      .option('--json', 'all that is known, as JSON', false)
      .action((file: string, { verify, packed, json }: Flags) => {
        const options = { verify, measurePacked: packed };
        const inspection = inspectSegment(new RealDisk(), resolve(file), options);
        const text = json ? stringifyJson(inspection) : inspectionText(inspection);
        process.stdout.write(`${text}\n`);
      }),
  );
}

/** Facts of the file, then a line for each column, and for each star-tree if there are any. */
export function inspectionText(inspection: SegmentInspection): string {
  const { rowCount, columns, trees } = inspection;
  return [
    ...factLines(inspection),
    '',
    textTable(
      ['column', 'type', 'encoding', 'cardinality', 'bytes', 'per row', 'packed', 'per row'].concat(
        ['instead of', 'indexes'],
      ),
      columns.map((column) => columnCells(column, rowCount)),
    ),
    ...(trees.length === 0 ? [] : ['', treesText(trees)]),
  ].join('\n');
}

function factLines(inspection: SegmentInspection): string[] {
  const { form, formatVersion, rowCount, sizeBytes, packedBytes, isVerified } = inspection;
  const time = (ms: number | null) => (ms === null ? 'none' : formatInstant(ms));
  const whole = (bytes: number | null) =>
    bytes === null ? 'not measured' : `${bytes} bytes, ${perRow(bytes, rowCount)} a row`;
  return [
    `form       ${form === 'packed' ? 'deep storage' : 'segment file'}, format version ${formatVersion}`,
    `rows       ${rowCount}, ${inspection.rollup ? 'rolled up' : 'not rolled up'}`,
    `times      ${time(inspection.minTimeMs)} to ${time(inspection.maxTimeMs)}`,
    `size       ${whole(sizeBytes)}`,
    `packed     ${whole(packedBytes)}`,
    `checksums  ${isVerified ? 'all verified' : 'those of the directory verified'}`,
  ];
}

function columnCells(column: ColumnInspection, rowCount: number): unknown[] {
  const { name, type, multiValue, encoding, cardinality, sizeBytes, packedBytes, runnerUp } =
    column;
  const indexes = column.indexes.map(({ kind, sizeBytes: bytes, packedBytes: packed }) =>
    packed === null ? `${kind} ${bytes}` : `${kind} ${bytes} (${packed})`,
  );
  return [
    shownName(name),
    multiValue ? `${type}, lists` : type,
    encoding,
    cardinality,
    sizeBytes,
    perRow(sizeBytes, rowCount),
    packedBytes,
    packedBytes === null ? null : perRow(packedBytes, rowCount),
    runnerUp === null ? '' : `${runnerUp.encoding} ${runnerUp.sizeBytes}`,
    indexes.join(', '),
  ];
}

const treesText = (trees: readonly TreeInspection[]): string =>
  textTable(
    ['star-tree', 'dimensions', 'metrics', 'most in a leaf', 'records', 'nodes', 'bytes'].concat([
      'of the file',
      'packed',
    ]),
    trees.map((tree, number) => [
      number,
      tree.dimensions.map(dimensionText).join(', '),
      tree.metrics.map(({ name }) => name).join(', '),
      tree.maxLeafRecords,
      tree.recordCount,
      tree.nodeCount,
      tree.sizeBytes,
      `${(100 * tree.share).toFixed(1)} %`,
      tree.packedBytes,
    ]),
  );

/** As `__time by hour (24)`: its name, what it is truncated by, and how many values it has. */
function dimensionText({ name, granularity, cardinality, skipStar }: TreeDimension): string {
  const grain = typeof granularity === 'string' ? granularity : stringifyJson(granularity);
  const by = granularity === undefined ? '' : ` by ${grain}`;
  return `${name}${by} (${cardinality})${skipStar ? ', always read' : ''}`;
}

type TreeDimension = TreeInspection['dimensions'][number];

/** Of what lies at a path: the column and the path. */
function shownName(name: string): string {
  const place = splitPathColumn(name);
  return place === null ? name : `${place.column} ${jsonPathText(place.path)}`;
}

const perRow = (bytes: number, rowCount: number): number =>
  rowCount === 0 ? 0 : Number((bytes / rowCount).toFixed(3));
