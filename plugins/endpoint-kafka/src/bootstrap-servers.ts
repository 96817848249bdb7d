import { isIPv6 } from 'node:net';

const SCHEME = /^([A-Za-z][\w+.-]*):\/\//;
const HOST = /^[\w.%-]+$/;
const DEFAULT_PORT = 9092;

/** A list of brokers as it is written: what librdkafka is given, and what is wrong or not looked at, in words. */
export interface BootstrapServers {
  /** `host:port` pairs, an IPv6 address in brackets. */
  readonly servers: string;
  readonly problems: readonly string[];
  /** Schemes before addresses; they are ignored. */
  readonly schemes: readonly string[];
}

/**
 * Reads a list of brokers as Kafka's own clients do: addresses with commas between them, each `host:port`, with a scheme that
 * is not looked at; an IPv6 address with or without brackets. Without a port it is 9092, as librdkafka has it.
 */
export function readBootstrapServers(text: string): BootstrapServers {
  const entries = text.split(',').map((entry) => entry.trim());
  const filled = entries.filter((entry) => entry !== '');
  const problems: string[] = [];
  const schemes = new Set<string>();
  if (filled.length === 0) problems.push(WANTED);
  const servers = filled.map((entry) => {
    const scheme = SCHEME.exec(entry);
    if (scheme !== null) schemes.add(scheme[1] as string);
    const address = addressOf(entry.slice(scheme?.[0].length ?? 0).replace(/\/$/, ''));
    if ('problem' in address) problems.push(`"${entry}": ${address.problem}`);
    else return `${address.host}:${address.port}`;
    return entry;
  });
  return { servers: servers.join(','), problems, schemes: [...schemes] };
}

const WANTED =
  'host:port is wanted, several with commas between them, such as kafka-1:9092,[2001:db8::1]:9092';

function addressOf(
  text: string,
): { readonly host: string; readonly port: number } | { readonly problem: string } {
  const { host, port } = split(text);
  const number = port === undefined ? DEFAULT_PORT : /^\d+$/.test(port) ? Number(port) : 0;
  if (text.includes('/')) return { problem: 'the address of a broker has no path' };
  if (number < 1 || number > 65_535) return { problem: `a port is 1 to 65535; ${WANTED}` };
  if (isIPv6(host)) return { host: `[${host}]`, port: number };
  return HOST.test(host) && !text.startsWith('[') ? { host, port: number } : { problem: WANTED };
}

/** The port follows the last colon, also of an IPv6 address without brackets: so Kafka reads it. */
function split(text: string): { readonly host: string; readonly port?: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    return port === undefined ? { host } : { host, port };
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0) return { host: text };
  const [host, port] = [text.slice(0, colon), text.slice(colon + 1)];
  if (host.includes(':') && !isIPv6(host) && isIPv6(text)) return { host: text };
  return { host, port };
}
