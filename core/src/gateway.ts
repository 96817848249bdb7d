/**
 * A gateway inside another program: what the command line does, as functions.
 * @packageDocumentation
 */
export type { GatewayConfig } from './config/gateway-config.js';
export { type ConfigOverrides, readConfig } from './config/read-config.js';
export { type LoadedDefinition, loadDefinition } from './definition/load.js';
export { formatProblem, type Problem } from './definition/problem.js';
export { compileSchema } from './definition/validator.js';
export { Gateway } from './runtime/gateway.js';
export { PluginRegistry } from './runtime/registry.js';
export { type StartedGateway, type StartOptions, startGateway } from './start.js';
export { createLogger } from './telemetry/log.js';
