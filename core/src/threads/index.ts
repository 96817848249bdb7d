/**
 * Work that may be long, in threads that are ended when it is too long.
 * @packageDocumentation
 */
export { ThreadLost, ThreadTimeout } from './faults.js';
export { inThread } from './in-thread.js';
export { bytesFor, type ThreadInput, type ThreadJob } from './job.js';
