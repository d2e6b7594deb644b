/** The push log of a server that is alone. In a cluster each node has a log of its own. */
export const LOCAL_LOG = 'local';
