import { UserError, type UserErrorKind } from '../../core/index.js';

/** A place in the text of a statement; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The error for a fault at `position`; the message ends in `(line [1], column [8])`, as clients expect. */
export function sqlError(
  kind: Extract<UserErrorKind, 'sqlParse' | 'sqlPlan'>,
  message: string,
  position: Position,
): UserError {
  const line = String(position.line);
  const column = String(position.column);
  return new UserError(`${message} (line [${line}], column [${column}])`, kind, '', {
    sourceType: 'sql',
    line,
    column,
  });
}

/** A fault found while names and types are checked or the plan is made. */
export const planError = (message: string, position: Position): UserError =>
  sqlError('sqlPlan', message, position);
