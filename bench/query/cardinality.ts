import type { DataSet, Query } from './data-set.js';
import { exactly, topN } from './query-forms.js';
import { below, chance, wide, zipf } from './random.js';

/** Traces of requests, whose keys hardly repeat: more groups than any cache holds. */

/** One row in twenty is a second span of the trace before it. */
const TRACE = `(i - CASE WHEN ${chance(0.05, 'trace/again')} THEN 1 ELSE 0 END)`;

const QUERIES: readonly Query[] = [
  {
    id: 'C01 top ids by sum',
    tags: ['manyGroups'],
    varve:
      'SELECT span, SUM(bytes) AS s FROM requests GROUP BY span ORDER BY s DESC, span LIMIT 10',
  },
  {
    id: 'C02 top ids by count',
    tags: ['manyGroups'],
    varve: 'SELECT span, COUNT(*) AS c FROM requests GROUP BY span ORDER BY c DESC, span LIMIT 10',
  },
  {
    id: 'C03 top texts by sum',
    tags: ['manyGroups'],
    varve:
      'SELECT trace, SUM(bytes) AS s FROM requests GROUP BY trace ORDER BY s DESC, trace LIMIT 10',
  },
  {
    id: 'C04 top texts by count',
    tags: ['manyGroups'],
    varve:
      'SELECT trace, COUNT(*) AS c FROM requests GROUP BY trace ORDER BY c DESC, trace LIMIT 10',
  },
  topN({
    id: 'C05 topN of texts',
    tags: ['manyGroups', 'topN'],
    dimension: 'trace',
    select: 'SUM(bytes) AS s',
    from: 'requests',
    by: 's',
  }),
  exactly({
    id: 'C06 distinct ids',
    tags: ['manyGroups', 'distinct'],
    varve: 'SELECT COUNT(DISTINCT span) AS u FROM requests',
  }),
  exactly({
    id: 'C07 distinct texts',
    tags: ['manyGroups', 'distinct'],
    varve: 'SELECT COUNT(DISTINCT trace) AS u FROM requests',
  }),
  exactly({
    id: 'C08 distinct ids by service',
    tags: ['manyGroups', 'distinct'],
    varve:
      'SELECT service, COUNT(DISTINCT span) AS u FROM requests GROUP BY service ORDER BY service',
  }),
  exactly({
    id: 'C09 distinct texts by service',
    tags: ['manyGroups', 'distinct'],
    varve:
      'SELECT service, COUNT(DISTINCT trace) AS u FROM requests GROUP BY service ORDER BY service',
  }),
  {
    id: 'C10 two keys',
    tags: ['manyGroups'],
    varve: `SELECT account, service, COUNT(*) AS c, SUM(bytes) AS s FROM requests
      GROUP BY account, service ORDER BY s DESC, account, service LIMIT 10`,
  },
  {
    id: 'C11 an id and a text',
    tags: ['manyGroups'],
    varve: `SELECT account, trace, COUNT(*) AS c, SUM(bytes) AS s FROM requests
      GROUP BY account, trace ORDER BY s DESC, account, trace LIMIT 10`,
  },
  {
    id: 'C12 count of ids that are groups',
    tags: ['manyGroups'],
    varve: 'SELECT COUNT(*) AS n FROM (SELECT span FROM requests GROUP BY span) AS g',
  },
  {
    id: 'C13 count of texts that are groups',
    tags: ['manyGroups'],
    varve: 'SELECT COUNT(*) AS n FROM (SELECT trace FROM requests GROUP BY trace) AS g',
  },
  {
    id: 'C14 count of groups of two keys',
    tags: ['manyGroups'],
    varve: `SELECT COUNT(*) AS n, MAX(c) AS most FROM
      (SELECT account, service, COUNT(*) AS c FROM requests GROUP BY account, service) AS g`,
  },
  {
    id: 'C15 texts that come twice',
    tags: ['manyGroups'],
    varve: `SELECT trace, SUM(bytes) AS s FROM requests GROUP BY trace HAVING COUNT(*) > 1
      ORDER BY s DESC, trace LIMIT 10`,
  },
];

export const CARDINALITY: DataSet = {
  name: 'requests',
  columns: [
    { name: 'span', type: 'bigint', sql: wide('span') },
    { name: 'trace', type: 'varchar', sql: `printf('%016x', ${wide('trace', TRACE)})` },
    { name: 'account', type: 'bigint', sql: wide('account', 'account_rank') },
    { name: 'service', type: 'varchar', few: true, sql: `'service-' || ${zipf(40, 'service')}` },
    { name: 'bytes', type: 'integer', sql: below(1_000_000, 'bytes') },
  ],
  time: `TIMESTAMP '2024-03-01 00:00:00' + to_seconds(row * 2592000 // n)`,
  ranks: { account_rank: below('greatest(1000, n // 3)', 'account') },
  segmentGranularity: 'MONTH',
  clickhouseOrder: '__time',
  queries: QUERIES,
};
