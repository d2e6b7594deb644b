import type { Column, DataSet, Query } from './data-set.js';
import { approximately, exactly, topN } from './query-forms.js';
import { anyOf, below, bits, chance, oneOf, trueOrFalse, unit, zipf } from './random.js';
import { WIKI_SKETCHES } from './sketch-queries.js';

/**
 * Edits of Wikipedia, in the columns of Druid's tutorial: 30 days, second by second, a few channels
 * and pages with most of the edits, anonymous users under their address and with a country.
 */
const LANGUAGES =
  'en de fr ru es ja zh it pt pl nl sv vi uk ar fa he ko tr cs fi hu id ro no da sr ca bg sk el hr lt et sl eo eu gl hi th ms ka hy az be kk lv mk sh uz'.split(
    ' ',
  );

const FIRST_WORDS =
  'List History Battle Culture Geography Zürich Москва 東京 Album Station River Treaty Municipality São_Paulo Church Season Election Railway Castle Museum World Northern Great Saint Lake King Queen Order Party Union'.split(
    ' ',
  );
const LAST_WORDS =
  'war people films mountains county football 1984 society cricket élections opera language species bridge novels airport railway basilica games physics island company dynasty award village orchestra protein theorem reservoir painting'.split(
    ' ',
  );

const NAMESPACES = [
  'Main',
  'Talk',
  'User',
  'User talk',
  'Wikipedia',
  'File',
  'Category',
  'Template',
];

const COUNTRIES = [
  ...['United States', 'Germany', 'United Kingdom', 'France', 'India', 'Italy', 'Russia', 'Brazil'],
  ...['Japan', 'Spain', 'Canada', 'Mexico', 'Australia', 'Poland', 'Turkey', 'Netherlands'],
  ...['Argentina', 'Colombia', 'Sweden', 'Ukraine', 'Chile', 'Austria', 'Belgium', 'Switzerland'],
  ...['Portugal', 'Israel', 'Greece', 'Norway', 'Finland', 'Denmark', 'Ireland', 'Hungary'],
  ...['Peru', 'Vietnam', 'Thailand', 'Egypt', 'Kenya', 'Nigeria', 'Iceland', 'Republic of Korea'],
];

const CITY_STARTS = ['Lon', 'Ber', 'Mos', 'Par', 'Rom', 'Mad', 'Osl', 'Sant', 'Kyo', 'Vien'];
const CITY_ENDS = ['don', 'lin', 'kau', 'is', 'a', 'rid', 'o', 'iago', 'to', 'na', 'burg', 'ville'];

const COMMENTS = [
  '/* Career */',
  'Reverted edits by',
  'Fixed typo in',
  'Added source for',
  'cleanup',
];

/** An edit changes few letters or many: a long tail. */
const letters = (most: number, none: number, name: string): string =>
  `CASE WHEN ${chance(none, `${name}/none`)} THEN 0 ELSE floor(pow(${most}, ${unit(name)})) END`;

const ADDRESS = ['a', 'b', 'c', 'd']
  .map((part) => below(255, `address/${part}`, 'user_rank'))
  .join(` || '.' || `);

const COLUMNS: readonly Column[] = [
  {
    name: 'channel',
    type: 'varchar',
    few: true,
    sql: `'#' || ${oneOf(LANGUAGES, 'channel_rank')} || '.wikipedia'`,
  },
  {
    name: 'page',
    type: 'varchar',
    sql: `CASE WHEN namespace_rank = 0 THEN '' ELSE ${oneOf(NAMESPACES, 'namespace_rank')} || ':' END
      || ${anyOf(FIRST_WORDS, 'page/first', 'page_rank')} || ' ' || ${anyOf(LAST_WORDS, 'page/last', 'page_rank')}
      || ' ' || page_rank`,
  },
  { name: 'namespace', type: 'varchar', few: true, sql: oneOf(NAMESPACES, 'namespace_rank') },
  {
    name: 'user',
    type: 'varchar',
    sql: `CASE WHEN anonymous THEN ${ADDRESS} WHEN robot THEN 'Bot ' || user_rank
      ELSE ${anyOf(FIRST_WORDS, 'user/name', 'user_rank')} || user_rank END`,
  },
  {
    name: 'comment',
    type: 'varchar',
    sql: `${anyOf(COMMENTS, 'comment')} || ' ' || ${zipf(4000, 'comment/number')}`,
  },
  {
    name: 'countryName',
    type: 'varchar',
    few: true,
    nullable: true,
    sql: `CASE WHEN anonymous THEN ${oneOf(COUNTRIES, 'country_rank')} END`,
  },
  {
    name: 'cityName',
    type: 'varchar',
    few: true,
    nullable: true,
    sql: `CASE WHEN anonymous AND ${chance(0.7, 'city/known', 'user_rank')} THEN
      ${anyOf(CITY_STARTS, 'city/start', 'user_rank')} || ${anyOf(CITY_ENDS, 'city/end', 'user_rank')} END`,
  },
  { name: 'isAnonymous', type: 'varchar', few: true, sql: trueOrFalse('anonymous') },
  { name: 'isRobot', type: 'varchar', few: true, sql: trueOrFalse('robot') },
  { name: 'isNew', type: 'varchar', few: true, sql: trueOrFalse(chance(0.05, 'new')) },
  { name: 'isMinor', type: 'varchar', few: true, sql: trueOrFalse(chance(0.2, 'minor')) },
  { name: 'isUnpatrolled', type: 'varchar', few: true, sql: trueOrFalse(chance(0.1, 'patrol')) },
  { name: 'added', type: 'integer', sql: 'added_letters' },
  { name: 'deleted', type: 'integer', sql: 'deleted_letters' },
  { name: 'delta', type: 'integer', sql: 'added_letters - deleted_letters' },
];

const LAST_DAY = `__time >= TIMESTAMP '2015-09-30 00:00:00' AND __time < TIMESTAMP '2015-10-01 00:00:00'`;

const QUERIES: readonly Query[] = [
  {
    id: 'W01 all',
    tags: ['scan'],
    varve: `SELECT COUNT(*) AS edits, SUM(added) AS plus, SUM(deleted) AS minus, MIN(delta) AS worst, MAX(delta) AS best FROM wiki`,
  },
  topN({
    id: 'W02 top pages',
    tags: ['topN'],
    dimension: 'page',
    select: 'COUNT(*) AS edits',
    from: 'wiki',
    by: 'edits',
  }),
  {
    id: 'W03 by hour',
    tags: ['timeseries'],
    varve: `SELECT DATE_TRUNC('hour', __time) AS at, COUNT(*) AS edits, SUM(added) AS plus FROM wiki GROUP BY 1 ORDER BY 1`,
  },
  {
    id: 'W04 by day and channel',
    tags: ['rollup', 'timeseries'],
    varve: `SELECT DATE_TRUNC('day', __time) AS at, channel, COUNT(*) AS edits FROM wiki GROUP BY 1, 2 ORDER BY 1, 2`,
  },
  {
    id: 'W05 added by namespace',
    tags: ['rollup'],
    varve: `SELECT namespace, SUM(added) AS plus, SUM(deleted) AS minus, COUNT(*) AS edits FROM wiki GROUP BY namespace ORDER BY namespace`,
  },
  approximately(
    {
      id: 'W06 users, about',
      tags: ['distinct'],
      varve: `SELECT APPROX_COUNT_DISTINCT("user") AS users FROM wiki WHERE isRobot = 'false'`,
    },
    [0],
  ),
  approximately(
    {
      id: 'W07 users by day, about',
      tags: ['distinct', 'timeseries', 'filter'],
      varve: `SELECT DATE_TRUNC('day', __time) AS at, APPROX_COUNT_DISTINCT("user") AS users FROM wiki WHERE channel = '#de.wikipedia' GROUP BY 1 ORDER BY 1`,
    },
    [1],
  ),
  exactly({
    id: 'W08 users, exact',
    tags: ['distinct', 'filter'],
    varve: `SELECT COUNT(DISTINCT "user") AS users FROM wiki WHERE channel IN ('#en.wikipedia', '#fr.wikipedia')`,
  }),
  {
    id: 'W09 robots and humans',
    tags: ['rollup'],
    varve: `SELECT isRobot, isAnonymous, COUNT(*) AS edits, SUM(delta) AS change, MAX(added) AS most FROM wiki GROUP BY isRobot, isAnonymous ORDER BY isRobot, isAnonymous`,
  },
  topN({
    id: 'W10 top users of a channel',
    tags: ['topN', 'filter'],
    dimension: '"user"',
    select: 'COUNT(*) AS edits, SUM(added) AS plus',
    from: `wiki WHERE channel = '#en.wikipedia' AND isRobot = 'false'`,
    by: 'edits',
    limit: 20,
  }),
  {
    id: 'W11 pages LIKE prefix',
    tags: ['like', 'filter'],
    varve: `SELECT COUNT(*) AS edits, SUM(added) AS plus FROM wiki WHERE page LIKE 'Talk:%'`,
  },
  topN({
    id: 'W12 pages LIKE infix',
    tags: ['like', 'topN'],
    dimension: 'page',
    select: 'SUM(added) AS plus',
    from: `wiki WHERE page LIKE '%war%' AND isNew = 'false'`,
    by: 'plus',
  }),
  {
    id: 'W13 channels IN, by day',
    tags: ['filter', 'timeseries'],
    varve: `SELECT DATE_TRUNC('day', __time) AS at, COUNT(*) AS edits, SUM(delta) AS change FROM wiki
      WHERE channel IN ('#sv.wikipedia', '#nl.wikipedia', '#pl.wikipedia', '#vi.wikipedia') GROUP BY 1 ORDER BY 1`,
  },
  topN({
    id: 'W14 top countries',
    tags: ['topN', 'filter'],
    dimension: 'countryName',
    select: 'COUNT(*) AS edits, SUM(delta) AS change',
    from: 'wiki WHERE countryName IS NOT NULL',
    by: 'edits',
  }),
  {
    id: 'W15 anonymous by city',
    tags: ['rollup', 'filter'],
    varve: `SELECT countryName, cityName, COUNT(*) AS edits FROM wiki WHERE isAnonymous = 'true' AND cityName IS NOT NULL
      GROUP BY countryName, cityName ORDER BY edits DESC, countryName, cityName LIMIT 50`,
  },
  {
    id: 'W16 channel and user',
    tags: ['rollup', 'highCardinality'],
    varve: `SELECT channel, "user", COUNT(*) AS edits, SUM(delta) AS change FROM wiki
      GROUP BY channel, "user" ORDER BY edits DESC, channel, "user" LIMIT 50`,
  },
  topN({
    id: 'W17 top pages of a day',
    tags: ['topN', 'filter'],
    dimension: 'page',
    select: 'COUNT(*) AS edits',
    from: `wiki WHERE ${LAST_DAY}`,
    by: 'edits',
  }),
  {
    id: 'W18 by minute of a day',
    tags: ['timeseries', 'filter'],
    varve: `SELECT DATE_TRUNC('minute', __time) AS at, COUNT(*) AS edits FROM wiki WHERE ${LAST_DAY} AND isRobot = 'false' GROUP BY 1 ORDER BY 1`,
  },
  {
    id: 'W19 FILTER by day',
    tags: ['timeseries', 'expression'],
    varve: `SELECT DATE_TRUNC('day', __time) AS at, COUNT(*) FILTER (WHERE isRobot = 'true') AS robots,
      COUNT(*) FILTER (WHERE isNew = 'true') AS pages, SUM(added) FILTER (WHERE isMinor = 'false') AS plus FROM wiki GROUP BY 1 ORDER BY 1`,
  },
  {
    id: 'W20 HAVING',
    tags: ['rollup', 'highCardinality'],
    varve: `SELECT "user", COUNT(*) AS edits, SUM(deleted) AS minus FROM wiki WHERE isAnonymous = 'false'
      GROUP BY "user" HAVING COUNT(*) > 20 AND SUM(deleted) > 1000 ORDER BY minus DESC, "user" LIMIT 100`,
  },
];

export const WIKI: DataSet = {
  name: 'wiki',
  columns: COLUMNS,
  time: `TIMESTAMP '2015-09-01 00:00:00' + to_seconds(row * 2592000 // n)`,
  ranks: {
    channel_rank: zipf(LANGUAGES.length, 'channel'),
    page_rank: zipf(120_000, 'page'),
    user_rank: zipf(50_000, 'user'),
    anonymous: chance(0.25, 'anonymous', zipf(50_000, 'user')),
    robot: `(${bits('robot', zipf(50_000, 'user'))} % 10 = 0 AND NOT ${chance(0.25, 'anonymous', zipf(50_000, 'user'))})`,
    namespace_rank: `greatest(0, ${below(14, 'namespace', zipf(120_000, 'page'))} - 6)`,
    country_rank: `floor(pow(${COUNTRIES.length + 1}, ${unit('country', zipf(50_000, 'user'))}))::BIGINT - 1`,
    added_letters: letters(20_000, 0.3, 'added'),
    deleted_letters: letters(8_000, 0.6, 'deleted'),
  },
  // A chunk per day would be many small segments at small row counts.
  segmentGranularity: 'MONTH',
  clickhouseOrder: '__time',
  queries: [...QUERIES, ...WIKI_SKETCHES],
};
