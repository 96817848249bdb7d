import { InvalidArgumentError } from 'commander';

/** A whole number from 0, for commander. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

/** A TCP port, or 0 for a free one. */
export function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
  return port;
}

/** How many processes, 1 to 64. */
export function workerCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > 64) throw new InvalidArgumentError('there are 1 to 64 workers.');
  return count;
}

/** A time such as `500ms`, `10s` or `2m`; a bare number is seconds. In milliseconds. */
export function duration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('a time is needed, such as 500ms, 10s or 2m.');
  const unit = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? 's'] as number;
  return Number(match[1]) * unit;
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
