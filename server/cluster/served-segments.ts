import type { BrokerTables, Follower, StoredSegment } from '../../cluster/index.js';

type View = Pick<Follower<unknown>['view'], 'node'>;

/** What a node serves of what is published. */
export interface NodeSegments {
  readonly segments: readonly StoredSegment[];
  readonly sizeBytes: number;
}

interface Known extends NodeSegments {
  readonly incarnation: string;
  readonly number: number;
  readonly version: number;
}

const NOTHING: NodeSegments = { segments: [], sizeBytes: 0 };

/** Which published segments nodes serve: worked out when somebody asks, and again only when something has changed. */
export class ServedSegments {
  #version = -1;
  #byId: ReadonlyMap<string, StoredSegment> = new Map();
  readonly #nodes = new Map<string, Known>();

  constructor(
    private readonly tables: Pick<BrokerTables, 'segments' | 'version'>,
    private readonly view: View,
  ) {}

  /** All that are published and have a file. */
  get byId(): ReadonlyMap<string, StoredSegment> {
    const { version } = this.tables;
    if (version !== this.#version) {
      this.#byId = new Map(this.tables.segments().map((segment) => [segment.idText, segment]));
      this.#version = version;
    }
    return this.#byId;
  }

  of(name: string): NodeSegments {
    const served = this.view.node(name);
    if (served === null) {
      this.#nodes.delete(name);
      return NOTHING;
    }
    const { number } = served;
    const { incarnation } = served.node;
    const { version } = this.tables;
    const known = this.#nodes.get(name);
    if (
      known?.number === number &&
      known.version === version &&
      known.incarnation === incarnation
    ) {
      return known;
    }
    const { byId } = this;
    const segments = [...served.segments].flatMap((id) => byId.get(id) ?? []);
    const sizeBytes = segments.reduce((bytes, { sealed }) => bytes + sealed.sizeBytes, 0);
    const found = { incarnation, number, version, segments, sizeBytes };
    this.#nodes.set(name, found);
    return found;
  }
}
