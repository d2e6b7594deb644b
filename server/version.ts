/** The version of this package. */
export const VARVE_VERSION = '0.1.0';

/** The Druid release whose API we speak: clients read it to know what they may ask. */
export const DRUID_VERSION = '30.0.0';
