import { stringifyJson } from '../../core/index.js';
import type { Advice, Proposal } from '../../query/index.js';
import { textTable } from './table.js';

/** Advice for people: proposals with what they gain, what is left, and what to paste into an ingestion spec. */
export function adviceText(advice: Advice): string {
  const { table, logged, segment, proposals } = advice;
  if (logged.queries === 0) {
    return `${table}: no query was logged yet; ask the table what is usually asked, by SQL or native queries that group, and come back`;
  }
  const asked = `${table}: ${logged.queries} queries of ${logged.shapes} kinds took ${msText(logged.totalMs)}`;
  if (segment === null) {
    return `${asked}; but it has no published segment to count in: come back when its rows are handed off or ingested`;
  }
  const { id, rows, sizeBytes } = segment;
  return [
    `${asked}; counted in ${id} of ${rows} rows, ${bytesText(sizeBytes)}`,
    ...proposals.map(proposalText),
    ...(proposals.length === 0 ? ['no star-tree is worth it'] : [pasteText(proposals)]),
    ...leftText(advice),
  ].join('\n\n');
}

function proposalText(proposal: Proposal, index: number): string {
  const { timeShare, speedUp, queries, records, sizeBytes, sizeShare, buildMs } = proposal;
  return [
    `star-tree ${index + 1}: ${dimensionsText(proposal)}`,
    `  answers ${percent(timeShare)} of the logged time, about ${times(speedUp)} as fast`,
    `  about ${records} records, ${bytesText(sizeBytes)}, ${percent(sizeShare)} of the segment; ${msText(buildMs)} more to write one`,
    indented(
      textTable(
        ['query', 'count', 'time', 'rows', 'with the tree'],
        queries.map(({ query, count, timeShare: share, rowsBefore, rowsAfter }) => [
          query,
          count,
          percent(share),
          rowsBefore,
          rowsAfter,
        ]),
      ),
    ),
  ].join('\n');
}

function dimensionsText({ tree }: Proposal): string {
  const dimensions = tree.dimensions as readonly (string | { readonly name: string })[];
  return dimensions.map((each) => (typeof each === 'string' ? each : each.name)).join(', ');
}

const pasteText = (proposals: readonly Proposal[]): string => {
  const trees = proposals.map(({ tree }) => `  ${treeText(tree)}`);
  return `for the dataSchema of the ingestion spec, instead of the trees that it has:\n\n"starTrees": [\n${trees.join(',\n')}\n]`;
};

/** A line for each member. */
function treeText(tree: Proposal['tree']): string {
  const members = Object.entries(tree).map(
    ([key, value]) => `    ${stringifyJson(key)}: ${stringifyJson(value)}`,
  );
  return `{\n${members.join(',\n')}\n  }`;
}

function leftText({ unanswered }: Advice): string[] {
  if (unanswered.length === 0) return [];
  const rows = unanswered.map(({ query, count, timeShare, reason }) => [
    query,
    count,
    percent(timeShare),
    reason,
  ]);
  return [
    `not answered by these:\n${indented(textTable(['query', 'count', 'time', 'why'], rows))}`,
  ];
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const times = (factor: number): string =>
  `${factor < 10 ? factor.toFixed(1) : Math.round(factor)} times`;

const msText = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const bytesText = (bytes: number): string =>
  bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
