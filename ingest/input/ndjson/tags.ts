/**
 * What an entry of a token column is. One bit each, so that the tags of a column can be or-ed;
 * assembly/field.ts has the same ones.
 */
export const NULL = 1;
/** Its id is that of a text of the dictionary. */
export const TEXT = 2;
/** Its word is a double: a safe integer, or -0. */
export const LONG = 4;
/** Its word is an integer of 64 bits beyond the safe ones. */
export const WIDE = 8;
/** Its word is a double that is not a safe integer. */
export const DOUBLE = 16;
/** Its id is that of one of the other values. */
export const OTHER = 32;
/** A text: its word is the instant that it says, its id the form in which it says it. */
export const TIME = 64;
export const ABSENT = 128;

/** Other values that every column has. */
export const FALSE_ID = 1;
export const TRUE_ID = 2;
