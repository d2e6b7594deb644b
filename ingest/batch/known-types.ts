import type { Disk } from '../../core/index.js';
import { outputDimensions, readSegmentDirectory } from '../../segments/index.js';
import type { BatchJob } from './batch-job.js';

/**
 * The job with what the files of its tables say of `auto` dimensions: values are stored in the types that all of them fit from
 * the first row on. A scalar that came behind lists, and before what makes the column one of JSON, would be a list of one.
 */
export function withKnownTypes(job: BatchJob, disk: Disk): BatchJob {
  const { spec, slices } = job;
  const { dataSource, dimensions, metrics, granularity, transforms } = spec;
  const { listed } = dimensions;
  const isOpen = transforms.length === 0 && listed.some(({ auto }) => auto !== undefined);
  const paths = new Set(slices.flat().map(({ path }) => path));
  if (!isOpen || paths.size === 0) return job;
  const { rollup, queryGranularity } = granularity;
  const schema = { dataSource, dimensions: listed, metrics, rollup, queryGranularity };
  const directories = Array.from(paths, (path) => readSegmentDirectory(disk, path));
  const known = outputDimensions(directories, schema).slice(0, listed.length);
  return { ...job, spec: { ...spec, dimensions: { ...dimensions, listed: known } } };
}
