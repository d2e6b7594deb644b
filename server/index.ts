/**
 * varve: the library. The same engine as the server, in your own process, on the same data
 * directory (one process at a time).
 *
 * server/: HTTP (`http/`), the command line (`cli/`), configuration, and the one place that wires
 * the real clock, disk and sockets (`node.ts`).
 */
export {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptSegmentError,
  type ErrorFamily,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
  VarveError,
} from '../core/index.js';
export {
  type NativeResponse,
  type OpenOptions,
  open,
  type QueryOptions,
  type TaskResult,
  Varve,
} from './library.js';
export { type HttpProducerOptions, httpProducer } from './producer/http-producer.js';
export type { ProducerOptions } from './producer/options.js';
export { Producer, type ProducerCounts } from './producer/producer.js';
export type { ReplayOptions, ReplaySums } from './push/dead-letters.js';
export type { PushOptions } from './push/push-request.js';
export type { TableStatus } from './push/pushes.js';
