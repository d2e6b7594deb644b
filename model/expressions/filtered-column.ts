import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import type { Dimension } from '../dimensions/dimension.js';
import { mappedReader } from '../dimensions/mapped-reader.js';
import { parseDimension } from '../dimensions/registry.js';
import { flagSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Value } from '../types.js';
import type { VirtualColumn } from './virtual-column.js';

const NameSchema = z.object({ name: nameSpec });
const ListSchema = z.object({ isAllowList: flagSpec(true) });

/** The values of a column that are listed, or with `isAllowList` false those that are not. */
export const readListFilteredColumn: SpecReader<VirtualColumn> = (json, field) => {
  const { isAllowList } = readSpec(ListSchema, json, field);
  return filteredColumn(json, field, { type: 'listFiltered', isWhitelist: isAllowList });
};

/** The values of a column that begin with a text. */
export const readPrefixFilteredColumn: SpecReader<VirtualColumn> = (json, field) =>
  filteredColumn(json, field, { type: 'prefixFiltered' });

/** The values of a column that match a Java regular expression as a whole. */
export const readRegexFilteredColumn: SpecReader<VirtualColumn> = (json, field) =>
  filteredColumn(json, field, { type: 'regexFiltered' });

/** What a filtered dimension of the same settings gives, as a column: a cell that loses all its values is null. */
function filteredColumn(json: JsonObject, field: string, settings: JsonObject): VirtualColumn {
  const { name } = readSpec(NameSchema, json, field);
  const dimension = parseDimension({ ...json, ...settings }, field);
  checkTexts(dimension, `${field}.delegate`);
  return {
    name,
    spec: json,
    inputs: dimension.inputs,
    reader: (source) => mappedReader(dimension.reader(source), 'STRING', emptyToNull),
    expression: null,
    outputType: 'STRING',
  };
}

/** A list of nothing, which only a filtered dimension gives, as the null that columns have. */
export const emptyToNull = (cell: Value): Value =>
  Array.isArray(cell) && cell.length === 0 ? null : cell;

function checkTexts({ outputType }: Dimension, field: string): void {
  if (outputType === 'STRING') return;
  throw new UserError(
    `${field}.outputType: only texts are filtered; want STRING, or leave it out; got ${outputType}`,
    'query',
    `${field}.outputType`,
  );
}
