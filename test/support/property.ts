/** fast-check, for the tests of packages that do not depend on it themselves. */
export { default as fc } from 'fast-check';
