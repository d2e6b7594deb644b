import type { Column, DataSet, Query } from './data-set.js';
import { approximately, exactly, topN, withAverage } from './query-forms.js';
import { anyOf, below, bits, chance, oneOf, unit, wide, wideValue, zipf } from './random.js';
import { HITS_SKETCHES } from './sketch-queries.js';

/**
 * Page views after ClickBench's `hits`: 30 days of a web counter, with keys of high cardinality,
 * long texts, mostly empty texts, and longs beyond 2^53.
 */
const HOSTS =
  'yandex.ru images.google.ru auto.example.ru kino.example.ru news.example.com irr.example.ru smeshariki.example.ru video.example.com love.example.ru wiki.example.org shop.example.com maps.example.ru'.split(
    ' ',
  );
const PATHS = ['search', 'details', 'catalog', 'photo', 'forum/topic', 'index.php', 'real-estate'];
const WORDS =
  'погода карелки смотреть онлайн фильмы авто продажа квартиры работа играть бесплатно music download рецепты расписание котлеты поезд платье weather'.split(
    ' ',
  );
const MODELS = ['iPad', 'iPhone', 'Galaxy', 'Lumia', 'Xperia', 'Nokia', 'HTC Desire'];
const WIDTHS = [
  '0',
  '1024',
  '1280',
  '1366',
  '1368',
  '1440',
  '1536',
  '1600',
  '1680',
  '1750',
  '1920',
];

const address = (rank: string, name: string): string =>
  `'http://' || ${anyOf(HOSTS, `${name}/host`, rank)} || '/' || ${anyOf(PATHS, `${name}/path`, rank)} || '?id=' || ${rank}`;

const COLUMNS: readonly Column[] = [
  { name: 'WatchID', type: 'bigint', sql: wide('watch') },
  { name: 'UserID', type: 'bigint', sql: wide('user', 'user_rank') },
  // Rank 0 is the counter that ClickBench's queries name.
  { name: 'CounterID', type: 'integer', sql: '62 + 37 * counter_rank' },
  { name: 'RegionID', type: 'integer', sql: `1 + ${zipf(5000, 'region')}` },
  {
    name: 'ClientIP',
    type: 'integer',
    sql: `(${bits('ip', 'user_rank')} >> 1)::BIGINT - 1073741824`,
  },
  { name: 'URL', type: 'varchar', sql: address('url_rank', 'url') },
  { name: 'URLHash', type: 'bigint', sql: wide('url/hash', 'url_rank') },
  {
    name: 'Title',
    type: 'varchar',
    sql: `${anyOf(WORDS, 'title/1', 'url_rank')} || ' ' || ${anyOf(WORDS, 'title/2', 'url_rank')} || ' – ' || (url_rank // 3)`,
  },
  {
    name: 'Referer',
    type: 'varchar',
    sql: `CASE WHEN ${chance(0.3, 'referer/none')} THEN '' ELSE ${address('referer_rank', 'referer')} END`,
  },
  {
    name: 'SearchPhrase',
    type: 'varchar',
    sql: `CASE WHEN searches THEN ${anyOf(WORDS, 'phrase/1', 'phrase_rank')} || ' ' || ${anyOf(WORDS, 'phrase/2', 'phrase_rank')}
      || ' ' || phrase_rank ELSE '' END`,
  },
  {
    name: 'SearchEngineID',
    type: 'smallint',
    sql: `CASE WHEN searches THEN 1 + ${zipf(40, 'engine')} ELSE 0 END`,
  },
  {
    name: 'AdvEngineID',
    type: 'smallint',
    sql: `CASE WHEN ${chance(0.03, 'adv')} THEN 1 + ${zipf(18, 'adv/engine')} ELSE 0 END`,
  },
  { name: 'TraficSourceID', type: 'smallint', sql: `${zipf(11, 'source')} - 1` },
  { name: 'ResolutionWidth', type: 'smallint', sql: anyOf(WIDTHS, 'width', 'user_rank') },
  { name: 'OS', type: 'smallint', sql: zipf(40, 'os') },
  {
    name: 'MobilePhoneModel',
    type: 'varchar',
    few: true,
    sql: `CASE WHEN ${chance(0.07, 'phone', 'user_rank')} THEN ${oneOf(MODELS, below(MODELS.length, 'model', 'user_rank'))}
      || ' ' || ${below(20, 'model/number', 'user_rank')} ELSE '' END`,
  },
  { name: 'IsRefresh', type: 'smallint', sql: `${chance(0.12, 'refresh')}` },
  { name: 'DontCountHits', type: 'smallint', sql: `${chance(0.05, 'dont')}` },
];

const searching = `hits WHERE SearchPhrase <> ''`;
const COUNTED = `CounterID = 62 AND DontCountHits = 0`;
const time = (from: string, to: string): string =>
  `__time >= TIMESTAMP '2013-07-${from} 00:00:00' AND __time < TIMESTAMP '2013-07-${to} 00:00:00'`;

const widthSums = Array.from({ length: 30 }, (_, k) => `SUM(ResolutionWidth + ${k}) AS s${k}`);

const QUERIES: readonly Query[] = [
  { id: 'H01 count', tags: ['scan'], varve: 'SELECT COUNT(*) AS c FROM hits' },
  {
    id: 'H02 count, filtered',
    tags: ['filter', 'scan'],
    varve: 'SELECT COUNT(*) AS c FROM hits WHERE AdvEngineID <> 0',
  },
  withAverage({
    id: 'H03 sum and average',
    tags: ['scan'],
    varve:
      'SELECT SUM(AdvEngineID) AS s, COUNT(*) AS c, AVG(ResolutionWidth) AS w, SUM(IsRefresh) AS r FROM hits',
  }),
  {
    id: 'H04 min and max',
    tags: ['scan'],
    varve:
      'SELECT MIN(__time) AS t1, MAX(__time) AS t2, MIN(UserID) AS u1, MAX(UserID) AS u2 FROM hits',
  },
  exactly({
    id: 'H05 users, exact',
    tags: ['distinct', 'highCardinality'],
    varve: 'SELECT COUNT(DISTINCT UserID) AS users FROM hits',
  }),
  approximately(
    {
      id: 'H06 phrases and users, about',
      tags: ['distinct'],
      varve: `SELECT APPROX_COUNT_DISTINCT(SearchPhrase) AS phrases, APPROX_COUNT_DISTINCT(UserID) AS users FROM hits`,
    },
    [0, 1],
  ),
  {
    id: 'H07 by AdvEngineID',
    tags: ['rollup', 'filter'],
    varve: `SELECT AdvEngineID, COUNT(*) AS c FROM hits WHERE AdvEngineID <> 0 GROUP BY AdvEngineID ORDER BY c DESC, AdvEngineID`,
  },
  exactly({
    id: 'H08 users by region, exact',
    tags: ['distinct', 'rollup', 'highCardinality'],
    varve: `SELECT RegionID, COUNT(DISTINCT UserID) AS users FROM hits GROUP BY RegionID ORDER BY users DESC, RegionID LIMIT 10`,
  }),
  withAverage(
    approximately(
      {
        id: 'H09 by region, four aggregates',
        tags: ['rollup', 'distinct'],
        varve: `SELECT RegionID, SUM(AdvEngineID) AS s, COUNT(*) AS c, AVG(ResolutionWidth) AS w, APPROX_COUNT_DISTINCT(UserID) AS users
          FROM hits GROUP BY RegionID ORDER BY c DESC, RegionID LIMIT 10`,
      },
      [4],
    ),
  ),
  topN({
    id: 'H10 top phrases',
    tags: ['topN', 'filter'],
    dimension: 'SearchPhrase',
    select: 'COUNT(*) AS c',
    from: searching,
    by: 'c',
  }),
  topN({
    id: 'H11 top users',
    tags: ['topN', 'highCardinality'],
    dimension: 'UserID',
    select: 'COUNT(*) AS c',
    from: 'hits',
    by: 'c',
  }),
  {
    id: 'H12 user and phrase',
    tags: ['rollup', 'highCardinality'],
    varve: `SELECT UserID, SearchPhrase, COUNT(*) AS c FROM hits GROUP BY UserID, SearchPhrase ORDER BY c DESC, UserID, SearchPhrase LIMIT 10`,
  },
  {
    id: 'H13 user, minute, phrase',
    tags: ['rollup', 'highCardinality', 'expression'],
    varve: `SELECT UserID, EXTRACT(MINUTE FROM __time) AS m, SearchPhrase, COUNT(*) AS c FROM hits
      GROUP BY UserID, EXTRACT(MINUTE FROM __time), SearchPhrase ORDER BY c DESC, UserID, m, SearchPhrase LIMIT 10`,
  },
  {
    id: 'H14 one user',
    tags: ['lookup', 'filter'],
    varve: `SELECT CounterID, COUNT(*) AS c FROM hits WHERE UserID = ${wideValue('user', 3)} GROUP BY CounterID ORDER BY c DESC, CounterID LIMIT 10`,
  },
  {
    id: 'H15 URL LIKE infix',
    tags: ['like', 'filter'],
    varve: `SELECT COUNT(*) AS c FROM hits WHERE URL LIKE '%google%'`,
  },
  topN({
    id: 'H16 phrases of URL LIKE',
    tags: ['like', 'topN'],
    dimension: 'SearchPhrase',
    select: 'COUNT(*) AS c, MAX(ResolutionWidth) AS w',
    from: `hits WHERE URL LIKE '%google%' AND Referer NOT LIKE '%.google.%' AND SearchPhrase <> ''`,
    by: 'c',
  }),
  {
    id: 'H17 first phrases',
    tags: ['lookup', 'filter'],
    varve: `SELECT SearchPhrase, __time AS at FROM ${searching} ORDER BY __time, SearchPhrase LIMIT 10`,
  },
  withAverage({
    id: 'H18 length of URL by counter',
    tags: ['rollup', 'expression'],
    varve: `SELECT CounterID, AVG(CHAR_LENGTH(URL)) AS l, COUNT(*) AS c FROM hits WHERE URL <> ''
      GROUP BY CounterID HAVING COUNT(*) > 1000 ORDER BY c DESC, CounterID LIMIT 25`,
  }),
  {
    id: 'H19 thirty sums',
    tags: ['scan', 'expression'],
    varve: `SELECT ${widthSums.join(', ')} FROM hits`,
  },
  withAverage({
    id: 'H20 engine and address',
    tags: ['rollup', 'filter', 'highCardinality'],
    varve: `SELECT SearchEngineID, ClientIP, COUNT(*) AS c, SUM(IsRefresh) AS r, AVG(ResolutionWidth) AS w FROM ${searching}
      GROUP BY SearchEngineID, ClientIP ORDER BY c DESC, SearchEngineID, ClientIP LIMIT 10`,
  }),
  withAverage({
    id: 'H21 every WatchID',
    tags: ['rollup', 'highCardinality'],
    varve: `SELECT WatchID, ClientIP, COUNT(*) AS c, SUM(IsRefresh) AS r, AVG(ResolutionWidth) AS w FROM hits
      GROUP BY WatchID, ClientIP ORDER BY c DESC, WatchID, ClientIP LIMIT 10`,
  }),
  {
    id: 'H22 address and neighbours',
    tags: ['rollup', 'highCardinality', 'expression'],
    varve: `SELECT ClientIP, ClientIP - 1 AS b, ClientIP - 2 AS d, COUNT(*) AS c FROM hits
      GROUP BY ClientIP, ClientIP - 1, ClientIP - 2 ORDER BY c DESC, ClientIP LIMIT 10`,
  },
  topN({
    id: 'H23 top URLs of a counter',
    tags: ['topN', 'filter'],
    dimension: 'URL',
    select: 'COUNT(*) AS c',
    from: `hits WHERE ${COUNTED} AND IsRefresh = 0 AND URL <> '' AND ${time('01', '15')}`,
    by: 'c',
  }),
  {
    id: 'H24 CASE of the source',
    tags: ['rollup', 'expression', 'filter'],
    varve: `SELECT TraficSourceID, SearchEngineID, CASE WHEN SearchEngineID = 0 AND AdvEngineID = 0 THEN Referer ELSE '' END AS src, COUNT(*) AS c
      FROM hits WHERE ${COUNTED} AND ${time('01', '31')}
      GROUP BY TraficSourceID, SearchEngineID, CASE WHEN SearchEngineID = 0 AND AdvEngineID = 0 THEN Referer ELSE '' END
      ORDER BY c DESC, TraficSourceID, SearchEngineID, src LIMIT 50`,
  },
  {
    id: 'H25 by minute of a day',
    tags: ['timeseries', 'filter'],
    varve: `SELECT DATE_TRUNC('minute', __time) AS at, COUNT(*) AS c FROM hits WHERE ${COUNTED} AND ${time('14', '15')} GROUP BY 1 ORDER BY 1`,
  },
];

export const HITS: DataSet = {
  name: 'hits',
  columns: COLUMNS,
  time: `TIMESTAMP '2013-07-01 00:00:00' + to_seconds(row * 2592000 // n)`,
  ranks: {
    // Half of the rows are of some ten thousand users, the others of ever new ones.
    user_rank: `CASE WHEN ${chance(0.5, 'user/often')} THEN ${zipf(10_000, 'user')} ELSE 10000 + ${below('greatest(1000, n // 3)', 'user/seldom')} END`,
    counter_rank: zipf(6_000, 'counter'),
    url_rank: zipf('greatest(10000, n // 4)', 'url'),
    referer_rank: zipf('greatest(10000, n // 5)', 'referer'),
    searches: chance(0.13, 'searches'),
    phrase_rank: `floor(60000 * ${unit('phrase')} * ${unit('phrase/again')})::BIGINT`,
  },
  segmentGranularity: 'MONTH',
  clickhouseOrder: '__time',
  queries: [...QUERIES, ...HITS_SKETCHES],
};
