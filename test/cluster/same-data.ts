import { SeededRandom } from '../../core/index.js';
import { SEED } from '../../core/testing.js';

const DAYS = 5;
const ROWS_OF_TASK = 3000;
const TASKS = 2;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2024, 0, 1);

const COUNTRIES = ['de', 'fr', 'jp', 'us', 'br', ''];
const PAGES = Array.from({ length: 300 }, (_, i) => `page ${i}`);
const TAGS = ['a', 'b', 'c', 'd'];

/** Rows with nulls, lists, integers beyond 2^53 and fractions that have no exact sum. */
function eventsOf(random: SeededRandom, count: number): string {
  const below = (bound: number) => random.nextUint32() % bound;
  const rows = Array.from({ length: count }, () => {
    const tags = TAGS.filter(() => below(3) === 0);
    const fields = [
      `"t":${START_MS + below(DAYS * DAY_MS)}`,
      below(10) === 0 ? '"country":null' : `"country":"${COUNTRIES[below(COUNTRIES.length)]}"`,
      `"page":"${PAGES[below(PAGES.length)]}"`,
      `"user":"u${below(2000)}"`,
      `"tags":${JSON.stringify(tags)}`,
      `"big":${9_007_199_254_740_993n + BigInt(below(1 << 30)) * 4099n}`,
      ...(below(8) === 0 ? [] : [`"added":${below(10_000) - 3000}`]),
      ...(below(8) === 0 ? [] : [`"price":${below(1 << 30) / 977}`]),
    ];
    return `{${fields.join(',')}}`;
  });
  return rows.join('\n');
}

const bulkSpec = (dataSource: string, dimensions: unknown[], data: string) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource,
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions },
      granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data },
      inputFormat: { type: 'json' },
      appendToExisting: true,
    },
    tuningConfig: {
      type: 'index_parallel',
      partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 250 },
    },
  },
});

/** Bulk tasks, one after the other: events in several segments of a day, and the countries that they join. */
export function sameData(): object[] {
  const random = new SeededRandom(SEED);
  const events = Array.from({ length: TASKS }, () =>
    bulkSpec(
      'events',
      [
        'country',
        'page',
        'user',
        'tags',
        { type: 'long', name: 'big' },
        { type: 'long', name: 'added' },
        { type: 'double', name: 'price' },
      ],
      eventsOf(random, ROWS_OF_TASK),
    ),
  );
  const named = ['de', 'fr', 'jp', 'xx'].map(
    (code, i) => `{"t":${START_MS + i},"code":"${code}","name":"the land ${code}","people":${i}}`,
  );
  const dimensions = ['code', 'name', { type: 'long', name: 'people' }];
  return [...events, bulkSpec('countries', dimensions, named.join('\n'))];
}
