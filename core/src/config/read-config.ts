import { readFile } from 'node:fs/promises';
import { parseJsonText } from '../definition/json-text.js';
import { formatPath, formatProblem } from '../definition/problem.js';
import { compileLate } from '../definition/validator.js';
import { GATEWAY_CONFIG_SCHEMA, type GatewayConfig } from './gateway-config.js';

/** What the command line says; it wins over the environment, which wins over the file. */
export interface ConfigOverrides {
  readonly config?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly apis?: string;
  readonly dataDir?: string;
  readonly workers?: number;
  readonly plugins?: readonly string[];
  readonly strict?: boolean;
  readonly drainTimeoutMs?: number;
  readonly logLevel?: string;
}

const validate = compileLate(GATEWAY_CONFIG_SCHEMA);
type Raw = Record<string, unknown>;

/** Puts together file, environment and command line. @throws Error listing every problem, a line each */
export async function readConfig(
  overrides: ConfigOverrides,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GatewayConfig> {
  const raw = overrides.config === undefined ? {} : await readConfigFile(overrides.config);
  const http = sectionOf(raw.http);
  const admin = sectionOf(raw.admin);
  const webhook = sectionOf(raw.webhook);
  const merged: Raw = { ...raw, http, admin, ...(webhook === undefined ? {} : { webhook }) };
  const set = (target: unknown, name: string, ...values: unknown[]) => {
    const value = values.find((candidate) => candidate !== undefined && candidate !== '');
    if (value !== undefined && isObject(target)) target[name] = value;
  };
  set(http, 'port', overrides.port, environment.SLUICE_PORT);
  set(admin, 'port', overrides.adminPort, environment.SLUICE_ADMIN_PORT);
  set(merged, 'apis', overrides.apis);
  set(merged, 'dataDir', overrides.dataDir, environment.SLUICE_DATA_DIR);
  set(webhook, 'allowTargets', listOf(environment.SLUICE_WEBHOOK_ALLOW_TARGETS));
  set(merged, 'workers', overrides.workers);
  set(merged, 'plugins', overrides.plugins);
  set(merged, 'strict', overrides.strict);
  set(merged, 'drainTimeoutMs', overrides.drainTimeoutMs);
  set(merged, 'logLevel', overrides.logLevel);
  const problems = validate(merged);
  if (problems.length > 0) {
    throw new Error(
      problems.map(({ path, message }) => `configuration ${formatPath(path)}: ${message}`).join('\n'),
    );
  }
  return merged as unknown as GatewayConfig;
}

/** A copy to put values into; what is no object stays as it is, for the schema to refuse. */
function sectionOf(value: unknown): unknown {
  return value === undefined || isObject(value) ? { ...value } : value;
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parts of a comma-separated list; undefined when there are none. */
function listOf(text: string | undefined): readonly string[] | undefined {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  const filled = parts.filter((part) => part !== '');
  return filled.length === 0 ? undefined : filled;
}

async function readConfigFile(file: string): Promise<Raw> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the configuration file ${file} cannot be read (${error.code})`);
  });
  const parsed = parseJsonText(text);
  if (!('locate' in parsed)) {
    const lines = parsed.map((p) => formatProblem({ severity: 'error', path: '$', file, ...p }));
    throw new Error(lines.join('\n'));
  }
  if (!isObject(parsed.value)) throw new Error(`the configuration file ${file} must hold a JSON object`);
  return parsed.value;
}
