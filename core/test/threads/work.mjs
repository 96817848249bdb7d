/** Work for the tests of threads. */
export default function work({ echo, fail, spin, fill, busyMs = 0 }) {
  for (const until = performance.now() + busyMs; performance.now() < until; );
  if (fail !== undefined) throw new Error(fail);
  while (spin !== undefined);
  const kept = [];
  while (fill === true) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
  return echo;
}
