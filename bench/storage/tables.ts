import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RealDisk } from '../../core/index.js';
import { inspectSegment, type SegmentInspection } from '../../segments/index.js';
import type { Part, PartOptions } from '../parts.js';
import { ClickHousePeer } from '../query/clickhouse-peer.js';
import type { DataSet } from '../query/data-set.js';
import { DATA_SETS } from '../query/data-sets.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { parquetFile } from '../query/generate.js';
import { table } from '../query/markdown.js';
import { VarvePeer } from '../query/varve-peer.js';
import { measureOpening, type Opening, openingText } from './opening.js';

/** Bytes a row of one data set, by who keeps it and how. */
interface Sizes {
  readonly dataSet: string;
  /** Varve's segment files with their indexes, and what of them is columns. */
  readonly varveHot: number;
  readonly varveColumns: number;
  readonly varvePacked: number;
  readonly parquetZstd: number;
  readonly duckdb: number;
  readonly clickhouseLz4: number;
  readonly clickhouseZstd: number;
}

const disk = new RealDisk();

/** Three data sets beside Parquet, DuckDB and ClickHouse: bytes a row, and how fast files are opened. */
export const tables: Part = {
  name: 'tables',

  async run(options) {
    const sizes: Sizes[] = [];
    const openings: Opening[] = [];
    for (const dataSet of DATA_SETS) {
      if (!options.wants(dataSet.name)) continue;
      const scratch = mkdtempSync(join(options.dataDirectory, 'storage-'));
      try {
        const file = await makeFile(dataSet, options, scratch);
        const segments = await loadVarve(dataSet, file, options, scratch);
        sizes.push(await sizesOf(dataSet, file, segments, options, scratch));
        openings.push(await measureOpening(dataSet, segments, options, scratch));
        options.say(`${dataSet.name}: measured`);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    }
    const text = `${sizesText(sizes)}\n\n${openingText(openings)}`;
    return { text, json: { sizes, openings } };
  },
};

const directoryIn = (scratch: string, name: string): string => {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  return path;
};

/** Works with a DuckDB of its own. */
async function withDuckDB<T>(
  scratch: string,
  name: string,
  work: (peer: DuckDBPeer) => Promise<T>,
) {
  const peer = await DuckDBPeer.open(directoryIn(scratch, name), 2);
  try {
    return await work(peer);
  } finally {
    await peer.close();
  }
}

const makeFile = (dataSet: DataSet, { rows, dataDirectory }: PartOptions, scratch: string) =>
  withDuckDB(scratch, 'make', (peer) =>
    parquetFile(dataSet, rows, dataDirectory, (sql) => peer.run(sql)),
  );

/** The paths of the segment files of a table that is loaded as its users would. */
async function loadVarve(
  dataSet: DataSet,
  file: string,
  { dataDirectory, say }: PartOptions,
  scratch: string,
): Promise<string[]> {
  const directory = directoryIn(scratch, 'varve');
  const peer = await VarvePeer.open(directory, 2, dataDirectory);
  await peer.load(dataSet, file);
  await peer.close();
  say(`${dataSet.name}: loaded`);
  const segments = join(directory, 'segments', dataSet.name);
  return readdirSync(segments).map((name) => join(segments, name));
}

async function sizesOf(
  dataSet: DataSet,
  file: string,
  segments: readonly string[],
  { rows }: PartOptions,
  scratch: string,
): Promise<Sizes> {
  const inspected = segments.map((path) =>
    inspectSegment(disk, path, { verify: false, measurePacked: true }),
  );
  const total = (bytes: (segment: SegmentInspection) => number) =>
    inspected.reduce((sum, each) => sum + bytes(each), 0) / rows;
  const columnBytes = ({ columns }: SegmentInspection) =>
    columns.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    dataSet: dataSet.name,
    varveHot: total(({ sizeBytes }) => sizeBytes),
    varveColumns: total(columnBytes),
    varvePacked: total(({ packedBytes }) => packedBytes!),
    ...(await duckdbSizes(dataSet, file, rows, scratch)),
    clickhouseLz4: await clickhouseSize(dataSet, file, rows, scratch, 'LZ4'),
    clickhouseZstd: await clickhouseSize(dataSet, file, rows, scratch, 'ZSTD'),
  };
}

/** DuckDB's file, and Parquet as it writes it, rows in the order of their times in both. */
function duckdbSizes(dataSet: DataSet, file: string, rows: number, scratch: string) {
  const parquet = join(scratch, 'rows.parquet');
  return withDuckDB(scratch, 'duckdb', async (peer) => {
    await peer.load(dataSet, file);
    const duckdb = (await peer.diskBytes()) / rows;
    await peer.run(
      `COPY (SELECT * FROM ${dataSet.name} ORDER BY __time) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    return { duckdb, parquetZstd: statSync(parquet).size / rows };
  });
}

async function clickhouseSize(
  dataSet: DataSet,
  file: string,
  rows: number,
  scratch: string,
  codec: 'LZ4' | 'ZSTD',
): Promise<number> {
  const peer = await ClickHousePeer.open(directoryIn(scratch, `clickhouse-${codec}`), 2);
  try {
    await peer.load(dataSet, file, codec);
    return (await peer.diskBytes(dataSet)) / rows;
  } finally {
    await peer.close();
  }
}

function sizesText(sizes: readonly Sizes[]): string {
  const lines = sizes.map((one) => {
    const better = Math.min(one.duckdb, one.clickhouseLz4);
    const best = Math.min(better, one.clickhouseZstd);
    const bytes = [
      ...[one.varveHot, one.varveColumns, one.varvePacked, one.parquetZstd],
      ...[one.duckdb, one.clickhouseLz4, one.clickhouseZstd],
    ];
    const ratios = [better, best].map((other) => `${(one.varvePacked / other).toFixed(2)}x`);
    return [one.dataSet, ...bytes.map((each) => each.toFixed(1)), ...ratios];
  });
  const head = [
    ...['bytes/row', 'Varve, hot', 'its columns', 'deep storage', 'Parquet, zstd', 'DuckDB'],
    ...['ClickHouse, LZ4', 'ClickHouse, ZSTD', 'of the better', 'of the better, ZSTD too'],
  ];
  return `### Bytes\n\n${table(head, lines)}`;
}
