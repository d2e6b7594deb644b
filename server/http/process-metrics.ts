import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge, type Metric } from './metric.js';

/** How often the event loop is looked at. */
const RESOLUTION_MS = 10;

/** What the process takes, and how late its main thread is, which answers all requests: since they were told last. */
export function processMetrics(): () => Metric[] {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const seconds = (nanoseconds: number): number =>
    Math.max(0, (Number.isFinite(nanoseconds) ? nanoseconds : 0) / 1e9 - RESOLUTION_MS / 1e3);
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const samples = [
      { labels: { quantile: '0.5' }, value: seconds(delays.percentile(50)) },
      { labels: { quantile: '0.99' }, value: seconds(delays.percentile(99)) },
      { labels: { quantile: '1' }, value: seconds(delays.max) },
    ];
    delays.reset();
    return [
      gauge('varve_uptime_seconds', 'Since the process began.', process.uptime()),
      gauge('varve_process_resident_bytes', 'Memory of the process, columns included.', rss),
      gauge(
        'varve_process_heap_bytes',
        'Of that, JavaScript objects of the main thread.',
        heapUsed,
      ),
      gauge(
        'varve_event_loop_delay_seconds',
        'How late the main thread was since this was asked last.',
        samples,
      ),
    ];
  };
}
