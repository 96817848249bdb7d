import { textOfForm } from '../contract/config-schema.js';
import type { LogLevel } from '../telemetry/log.js';

/** How one gateway process runs. Every member has a default; times are milliseconds. */
export interface GatewayConfig {
  readonly http: {
    readonly host: string;
    /** 0 takes a free port. */
    readonly port: number;
    readonly maxBodyBytes: number;
    readonly maxHeaderBytes: number;
    readonly bodyTimeoutMs: number;
    readonly headersTimeoutMs: number;
    readonly keepAliveTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly maxConnections: number;
    /** Of one address, or one /64 of IPv6; three quarters of `maxConnections` when absent. */
    readonly maxConnectionsPerAddress?: number;
    /** Of one client; three quarters of `maxConnections` when absent. */
    readonly maxStreamsPerClient?: number;
  };
  readonly admin: { readonly host: string; readonly port: number; readonly names: readonly string[] };
  readonly apis?: string;
  readonly secretsDir?: string;
  readonly tenant?: string;
  /** Empty: every API is for this gateway. */
  readonly tags: readonly string[];
  /** Where subscriptions are kept; in memory only when absent. */
  readonly dataDir?: string;
  readonly webhook: { readonly allowTargets: readonly string[] };
  readonly telemetry: { readonly metrics: boolean };
  /** Processes that share the gateway's port. */
  readonly workers: number;
  readonly plugins: readonly string[];
  readonly strict: boolean;
  readonly drainTimeoutMs: number;
  readonly logLevel: LogLevel;
}

const integer = (value: number, minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  default: value,
  minimum,
  maximum,
  description,
});
const optionalInteger = (minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});
const host = (value: string, description: string) => ({ type: 'string', default: value, description });
const section = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  default: {},
  properties,
});
const DAY_MS = 86_400_000;

/** JSON Schema of the file given by `--config`. */
export const GATEWAY_CONFIG_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    http: section({
      host: host('0.0.0.0', 'The address the gateway listens on.'),
      port: integer(8082, 0, 65_535, 'The port clients speak to; 0 takes a free one.'),
      maxBodyBytes: integer(10 * 1024 * 1024, 1, 1024 ** 3, 'A larger request body is answered 413.'),
      maxHeaderBytes: integer(16_384, 1024, 1024 ** 2, 'Larger request headers are answered 431.'),
      bodyTimeoutMs: integer(30_000, 1, DAY_MS, 'A slower request body is answered 408.'),
      headersTimeoutMs: integer(10_000, 1, DAY_MS, 'Slower request headers are answered 408.'),
      keepAliveTimeoutMs: integer(65_000, 0, DAY_MS, 'How long an idle connection is kept.'),
      requestTimeoutMs: integer(30_000, 1, DAY_MS, 'An exchange without an answer by then is answered 504.'),
      maxConnections: integer(20_000, 1, 1_000_000, 'Connections above it are closed at once.'),
      maxConnectionsPerAddress: optionalInteger(
        1,
        1_000_000,
        'How many of them one address may hold, or one /64 of IPv6; three quarters of `maxConnections` without it. Those above it are answered 429 and closed.',
      ),
      maxStreamsPerClient: optionalInteger(
        1,
        1_000_000,
        'Streams, sockets and pages that one client reads at a time; three quarters of `maxConnections` without it. One more is answered 429. A client is who a plan knows by its credential, else an address.',
      ),
    }),
    admin: section({
      host: host(
        '127.0.0.1',
        'The address of the management port. Keep it private: it has no authentication.',
      ),
      port: integer(18_082, 0, 65_535, 'The management port; 0 takes a free one.'),
      names: {
        type: 'array',
        default: [],
        items: { type: 'string', minLength: 1 },
        description:
          'Host names that the management port may be asked for by, beside literal addresses and names without a dot.',
      },
    }),
    apis: { type: 'string', description: 'The folder of *.api.json files.' },
    tenant: {
      type: 'string',
      minLength: 1,
      description: 'Endpoints whose tenants do not name it are left out; without it all are used.',
    },
    tags: {
      type: 'array',
      default: [],
      items: { type: 'string', minLength: 1 },
      description:
        'APIs, and their plans and flows, whose tags have none of these are left out; `!tag` leaves out what has it. Without it all are served.',
    },
    secretsDir: {
      type: 'string',
      description: "The folder of the secrets that expressions read by secrets.get('/file/…').",
    },
    dataDir: {
      type: 'string',
      description:
        'The folder that keeps subscriptions over a restart; one process a folder. Without it they end with the process.',
    },
    webhook: section({
      allowTargets: {
        type: 'array',
        default: [],
        items: textOfForm(
          '^[A-Za-z0-9_.:\\[\\]-]+(/\\d{1,3})?$',
          'the name of a host, an address, or a CIDR such as 10.0.0.0/8',
        ),
        description:
          'Host names, addresses and CIDRs that callbacks and token endpoints may reach beside the public internet.',
      },
    }),
    telemetry: section({
      metrics: {
        type: 'boolean',
        default: true,
        description: 'Whether metrics are counted, and told at /metrics of the management port.',
      },
    }),
    workers: integer(
      1,
      1,
      64,
      "Processes that share the gateway's port; limits and counts of http are each one's.",
    ),
    plugins: {
      type: 'array',
      default: [],
      items: { type: 'string' },
      description: 'Further folders that hold plugin folders.',
    },
    strict: {
      type: 'boolean',
      default: false,
      description: 'One broken definition keeps the gateway from starting.',
    },
    drainTimeoutMs: integer(10_000, 0, DAY_MS, 'How long a stop waits for what is in flight.'),
    logLevel: { enum: ['debug', 'info', 'warn', 'error'], default: 'info' },
  },
};
