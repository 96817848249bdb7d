import { isHeaderName } from '../contract/header-names.js';
import type { CorsDefinition, ListenerDefinition } from '../definition/model.js';
import type { JsonPath } from '../definition/problem.js';
import { writtenMatcher } from '../expression/java-regex.js';
import type { DeployProblem } from './deploy-problems.js';

/** What a listener answers browsers, compiled when its API was deployed. */
export interface CorsPolicy {
  /** Any origin may use it; it then never takes credentials. */
  readonly anyOrigin: boolean;
  /** Whether pages of this origin may use it. Never throws, whatever the text. */
  allows(origin: string): boolean;
  readonly definition: CorsDefinition;
}

/** Longer origins are nobody's: a host name has at most 253 characters. */
const MAX_ORIGIN_LENGTH = 300;
/** An expression that takes this one in takes in every site. */
const ANY_SITE = 'https://an-origin-that-nobody-lists.invalid';

/** Compiles a listener's CORS; undefined when it is off. What cannot work or would be unsafe is in `problems`. */
export function corsPolicy(
  { cors }: ListenerDefinition,
  path: JsonPath,
  problems: DeployProblem[],
): CorsPolicy | undefined {
  if (!cors.enabled) return undefined;
  const report = (member: JsonPath, message: string) =>
    problems.push({ severity: 'error', path: [...path, ...member], message });
  const exact = new Set<string>();
  const patterns: ((origin: string) => boolean)[] = [];
  cors.allowOrigin.forEach((entry, index) => {
    if (entry === '*') return;
    if (!isPattern(entry)) {
      if (isOrigin(entry)) exact.add(entry.toLowerCase());
      else
        report(['allowOrigin', index], `"${entry}" is no origin; write scheme://host or scheme://host:port`);
      return;
    }
    if (entry.includes('//*')) {
      const message = `"${entry}" is a regular expression, in which * does not stand for a host; write for example https://[^./]+\\.example\\.com`;
      report(['allowOrigin', index], message);
      return;
    }
    try {
      patterns.push(writtenMatcher(entry));
    } catch (error) {
      report(['allowOrigin', index], `"${entry}" cannot be used: ${(error as Error).message}`);
    }
  });
  for (const member of ['allowMethods', 'allowHeaders', 'exposeHeaders'] as const) {
    cors[member].forEach((name, index) => {
      if (!isHeaderName(name)) report([member, index], `"${name}" is no name of a method or header`);
    });
  }
  const allows = (origin: string) =>
    origin.length <= MAX_ORIGIN_LENGTH &&
    (exact.has(origin.toLowerCase()) || patterns.some((matches) => holds(matches, origin)));
  const anyOrigin = cors.allowOrigin.includes('*');
  if (cors.allowOrigin.length === 0) {
    const message = 'CORS is enabled and allows no origin; list the origins, or "*" for all';
    problems.push({ severity: 'warning', path: [...path, 'allowOrigin'], message });
  }
  if (cors.allowCredentials && (anyOrigin || allows(ANY_SITE))) {
    const message =
      'with allowCredentials every site could use the API in its visitors\' name; list the origins in place of "*"';
    report(['allowOrigin'], message);
  }
  return { anyOrigin, allows, definition: cors };
}

/** What the format takes for a regular expression, and not for an origin. */
function isPattern(entry: string): boolean {
  return /[([*]/.test(entry);
}

/** An origin as browsers send it (RFC 6454 §6.2); `null` is that of files and sandboxes. */
function isOrigin(entry: string): boolean {
  return entry === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/i.test(entry);
}

/** An expression that takes too long does not match. */
function holds(matches: (origin: string) => boolean, origin: string): boolean {
  try {
    return matches(origin);
  } catch {
    return false;
  }
}
