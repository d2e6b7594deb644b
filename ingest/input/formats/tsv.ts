import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { readFields, shown } from '../../spec/fields.js';
import { delimiterField, readTextColumns } from './columns.js';
import type { InputFormat } from './format.js';
import { type LineSplitter, readSeparated } from './separated.js';

const TsvSpec = z.object({ delimiter: delimiterField('\t') });

/** Values separated by a tab or another delimiter; no quoting. */
export function readTsvFormat(json: unknown, field: string): InputFormat {
  const settings = readTextColumns(json, field);
  const { delimiter } = readFields(TsvSpec, json, field);
  if (delimiter === settings.listDelimiter) {
    throw new UserError(
      `${field}.listDelimiter: got ${shown(delimiter)}, which is the delimiter too; choose another`,
      'spec',
      `${field}.listDelimiter`,
    );
  }
  const split: LineSplitter = (lines) =>
    lines.map((line) => line.split(delimiter).map((cell) => (cell === '' ? null : cell)));
  return { type: 'tsv', read: (entity) => readSeparated(entity, settings, split) };
}
