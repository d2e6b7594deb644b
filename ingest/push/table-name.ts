import { UserError } from '../../core/index.js';
import { checkName } from '../spec/names.js';

/** Names of tables that the server itself fills begin so. */
const RESERVED_PREFIX = 'sys.';

/** Throws UserError unless rows may be pushed into a table of this name. */
export function checkTableName(name: string): void {
  checkName(name, 'table');
  if (!name.startsWith(RESERVED_PREFIX)) return;
  throw new UserError(
    `table: names that begin with "${RESERVED_PREFIX}" are the server's own; got "${name}", choose another name`,
    'spec',
    'table',
  );
}
