import { UserError } from '../../core/index.js';
import { type Caller, NODE_ROLES, type NodeIdentity, type NodeRole, PROTOCOL } from './types.js';

/** The beginning of the paths that nodes call each other under. */
export const INTERNAL_PATH = '/varve/internal/v1/';

export const HEADER = {
  secret: 'varve-secret',
  node: 'varve-node',
  cluster: 'varve-cluster',
  deadlineMs: 'varve-deadline-ms',
  protocol: 'varve-protocol',
} as const;

export interface CallFacts {
  readonly caller: Caller;
  readonly cluster: string;
  readonly deadlineMs: number;
}

/** What every request says of itself, next to the secret. */
export function callHeaders(
  node: NodeIdentity,
  cluster: string,
  deadlineMs: number,
): Record<string, string> {
  const parts = [node.name, node.incarnation, node.roles.join(',')];
  return {
    [HEADER.node]: parts.map(encodeURIComponent).join(';'),
    [HEADER.cluster]: encodeURIComponent(cluster),
    [HEADER.deadlineMs]: String(Math.max(1, Math.ceil(deadlineMs))),
    [HEADER.protocol]: String(PROTOCOL),
  };
}

/** Throws a UserError for headers that no node sends. */
export function readCallHeaders(header: (name: string) => string | null): CallFacts {
  const text = (name: string) => header(name) ?? bad(name, 'is missing');
  const parts = text(HEADER.node).split(';');
  if (parts.length !== 3) bad(HEADER.node, 'has not three parts');
  const [name = '', incarnation = '', roles = ''] = parts.map((part) => decode(HEADER.node, part));
  return {
    caller: {
      name,
      incarnation,
      roles: roles.split(',').filter(isRole),
      protocol: countOf(HEADER.protocol, text(HEADER.protocol)),
    },
    cluster: decode(HEADER.cluster, text(HEADER.cluster)),
    deadlineMs: countOf(HEADER.deadlineMs, text(HEADER.deadlineMs)),
  };
}

/** A role that a later version may know is none here. */
const isRole = (text: string): text is NodeRole => (NODE_ROLES as readonly string[]).includes(text);

function countOf(name: string, text: string): number {
  return /^[1-9]\d{0,11}$/.test(text) ? Number(text) : bad(name, 'is not a whole number from 1');
}

function decode(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return bad(name, 'is not encoded as a part of a URL');
  }
}

function bad(name: string, detail: string): never {
  throw new UserError(`header ${name} ${detail}`, 'request', name);
}
