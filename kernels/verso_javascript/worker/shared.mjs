// What the two threads tell each other without messages: places in an Int32Array on shared memory.

/** Set and notified by the main thread when it has heard of an interrupt. */
export const FREE = 0;
/** Set while an interrupt is asked for and the cell has not ended. */
export const INTERRUPTED = 1;
/** Set and notified when an answer to a question is there. */
export const ANSWERED = 2;
/** Milliseconds in which the main thread may hear of an interrupt by itself. */
export const GRACE = 10;
