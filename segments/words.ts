export {
  compareDoubles,
  extremesOf,
  readLong,
  writeLong,
  writeSortableDouble,
} from '../core/index.js';
