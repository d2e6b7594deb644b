import { UserError } from '../../core/index.js';
import { type Aggregator, isColumnName } from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';
import { pathTo, shown } from './fields.js';
import type { Problems } from './problems.js';

/** Control characters, whitespace but the blank, slashes, and all outside the basic plane. */
const BAD_IN_NAME = /[\p{Cc}\p{Cs}\p{Co}/]|[^\S ]|[\u{10000}-\u{10ffff}]/u;

/** Druid's rules for the name of a data source or task. Throws UserError naming `field`. */
export function checkName(name: unknown, field: string): string {
  const fail = (why: string) =>
    new UserError(`${field}: ${why}; got ${shown(name)}`, 'spec', field);
  if (typeof name !== 'string' || name.trim() === '')
    throw fail('must be given, as text that is not blank');
  if (name.startsWith('.')) throw fail('a name must not begin with "."');
  if (BAD_IN_NAME.test(name)) {
    throw fail(
      'a name must hold no slash, no control character, no whitespace but blanks and no emoji',
    );
  }
  return name;
}

/** Tables whose names begin so are the server's own: `sys.dead_letters`. */
const RESERVED_PREFIX = 'sys.';

/** The name of a table that rows may be written into. Throws UserError naming `field`. */
export function checkTableName(name: unknown, field: string): string {
  const checked = checkName(name, field);
  if (!checked.startsWith(RESERVED_PREFIX)) return checked;
  throw new UserError(
    `${field}: tables whose names begin with "${RESERVED_PREFIX}" are the server's own, choose another name; got ${shown(name)}`,
    'spec',
    field,
  );
}

/** Dimensions and metrics share one space of names; nothing may be called `__time` or nothing at all. */
export function checkFieldNames(
  dimensions: readonly DimensionSchema[],
  metrics: readonly Aggregator[],
  field: string,
  problems: Problems,
): void {
  const seen = new Set<string>();
  const names = [
    ...dimensions.map(({ name }) => ({ name, path: pathTo(field, 'dimensionsSpec') })),
    ...metrics.map(({ name }) => ({ name, path: pathTo(field, 'metricsSpec') })),
  ];
  for (const { name, path } of names) {
    if (name === '') problems.add(path, 'a column needs a name; got ""');
    if (name === '__time')
      problems.add(
        path,
        'no column may be called "__time": that is the time of the row; rename it',
      );
    if (!isColumnName(name)) {
      problems.add(path, `no column name may hold U+0000; rename it; got ${JSON.stringify(name)}`);
    }
    if (seen.has(name))
      problems.add(path, `the column name ${JSON.stringify(name)} stands twice; rename one`);
    seen.add(name);
  }
}
