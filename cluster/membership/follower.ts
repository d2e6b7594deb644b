import { encodeError, type Logger, pause, type Random, type Timers } from '../../core/index.js';
import type { NodeClient } from '../transport/node-client.js';
import { PeerUnavailableError } from '../transport/types.js';
import { ANNOUNCEMENTS, type LiveCodec, readAnnouncement } from './announcement.js';
import type { ClusterNodes, NodeChange } from './cluster-nodes.js';
import type { NodeRecord } from './node-record.js';
import { ServedView, type ViewChange } from './served-view.js';

export interface FollowerOptions<T> {
  readonly nodes: ClusterNodes;
  readonly client: NodeClient;
  readonly codec: LiveCodec<T>;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Called with each change, at once, after the view has it. */
  readonly onChange: (change: ViewChange<T>) => void;
  /** How long a node lets a poll wait when nothing changes. */
  readonly waitMs?: number;
  /** What an answer takes beyond that. */
  readonly answerMs?: number;
  readonly maxBackOffMs?: number;
}

const MIN_BACK_OFF_MS = 50;

/**
 * Follows what every data node announces, by one long poll each. Polls of a node follow one another, so that each answer
 * is to what is known here; those of an incarnation that is lost are given up with all that it told.
 */
export class Follower<T> {
  readonly view = new ServedView<T>();
  readonly #polls = new Map<string, AbortController>();
  #stopListening: (() => void) | null = null;

  constructor(private readonly options: FollowerOptions<T>) {}

  start(): void {
    this.#stopListening ??= this.options.nodes.listen((changes) => {
      for (const change of changes) this.#onNode(change);
    });
  }

  close(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    for (const poll of this.#polls.values()) poll.abort();
    this.#polls.clear();
  }

  #onNode({ kind, node }: NodeChange): void {
    if (!node.roles.some((role) => role === 'historical' || role === 'realtime')) return;
    if (kind === 'changed') {
      this.view.change(node);
      return;
    }
    this.#polls.get(node.name)?.abort();
    this.#polls.delete(node.name);
    this.#tell(this.view.remove(node.name));
    if (kind === 'lost') return;
    this.view.add(node);
    const poll = new AbortController();
    this.#polls.set(node.name, poll);
    void this.#follow(node, poll.signal);
  }

  async #follow(node: NodeRecord, signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#poll(node.name, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#onFailure(node, error, failures);
        await pause(this.options.timers, this.#backOffMs(failures++), signal).catch(() => {});
      }
    }
  }

  async #poll(name: string, signal: AbortSignal): Promise<void> {
    const { client, codec, waitMs = 20_000, answerMs = 5000 } = this.options;
    const { node, number: since } = this.view.node(name)!;
    const { incarnation } = node;
    // One that told nothing for a while is asked for a sign of life.
    const wait = this.view.node(name)!.isCurrent ? waitMs : 0;
    const deadlineMs = wait + answerMs;
    const request = { incarnation, since, waitMs: wait };
    const message = await client.ask(node.url, ANNOUNCEMENTS, request, { deadlineMs, signal });
    signal.throwIfAborted();
    const told = readAnnouncement(message, codec);
    if (told.incarnation !== incarnation) {
      // The table of nodes says who is there now.
      throw new PeerUnavailableError(node.url, `is not ${name} of ${incarnation} any more`, false);
    }
    this.#tell(this.view.apply(name, told));
  }

  #onFailure(node: NodeRecord, error: unknown, failures: number): void {
    const { nodes, logger } = this.options;
    this.view.setStale(node);
    if (failures === 0) {
      const { message } = encodeError(error);
      logger.warn({ node: node.name, reason: message }, 'a node does not tell what it serves');
    }
    // Who refuses connections is not there; who is silent may only be slow.
    if (error instanceof PeerUnavailableError && !error.mayHaveHappened) {
      nodes.suspect(node.name, node.incarnation);
    }
  }

  /** Doubles, and is drawn between half of it and all, so that nodes that lost each other at once do not come back at once. */
  #backOffMs(failures: number): number {
    const { random, maxBackOffMs = 2000 } = this.options;
    const ceilingMs = Math.min(maxBackOffMs, MIN_BACK_OFF_MS * 2 ** failures);
    return ceilingMs * (0.5 + random.nextUint32() / 2 ** 33);
  }

  #tell(change: ViewChange<T> | null): void {
    if (change !== null) this.options.onChange(change);
  }
}
