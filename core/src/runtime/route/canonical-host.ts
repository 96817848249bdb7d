import { domainToASCII } from 'node:url';

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;
const LABEL = /^[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/;
const ADDRESS = /^\[[\da-f:.]+\]$/;

/** A host as it is compared: in lower case, without a port and without a dot at the end. */
export function hostOfRequest(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** What a definition's host means, and which part of it is ignored. */
export interface ListenedHost {
  /** As {@link hostOfRequest}, with `*` as its first label where any one label will do; absent: any host. */
  readonly host?: string;
  /** Why nobody can reach it, in words. */
  readonly problem?: string;
  /** What is written and not looked at, in words. */
  readonly ignored?: string;
}

/** Reads the host of a listener's path: a scheme and a port are not looked at, a name in other letters is its ASCII form. */
export function listenedHost(written: string | undefined): ListenedHost {
  const text = written?.trim() ?? '';
  if (text === '' || text === '*') return {};
  const bare = text.replace(SCHEME, '').replace(/\/+$/, '');
  const name = hostOfRequest(bare);
  const ignored = bare === text ? (/:\d+$/.test(bare) ? 'the port' : undefined) : 'the scheme';
  const ascii = name.startsWith('[') || /[\s/?#]/.test(name) ? name : toAscii(name);
  if (!isHost(ascii)) return { problem: hostProblem(written ?? '') };
  return { host: ascii, ...(ignored === undefined ? {} : { ignored }) };
}

function toAscii(name: string): string {
  const [first, ...rest] = name.split('.');
  // The asterisk is no letter of a name.
  return first === '*' ? ['*', domainToASCII(rest.join('.'))].join('.') : domainToASCII(name);
}

function isHost(name: string): boolean {
  if (ADDRESS.test(name)) return true;
  const [first = '', ...rest] = name.split('.');
  if (first === '*') return rest.length > 0 && rest.every((label) => LABEL.test(label));
  return [first, ...rest].every((label) => LABEL.test(label));
}

function hostProblem(host: string): string {
  if (/\s/.test(host.trim())) return 'a host holds no blanks';
  if (host.includes('*')) {
    return 'an asterisk may only be the whole first label of a host, such as *.example.com';
  }
  if (/[/?#]/.test(host.replace(SCHEME, ''))) return 'a host has no path: write it in the member "path"';
  if (host.includes(',')) return 'this is one host: write a path of its own for each of several';
  if (/:/.test(host))
    return 'this is not a host; an IPv6 address is written in brackets, such as [2001:db8::1]';
  return 'this is not the name of a host';
}
