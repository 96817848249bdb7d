/**
 * For the tests of plugins: the contracts as conformance suites, endpoints that go wrong on purpose, and the
 * gateway's side of an exchange without a server. Needs no test runner.
 * @packageDocumentation
 */
export type { ConformanceCase } from './conformance-case.js';
export { endpointConformance } from './endpoint-conformance.js';
export type { EndpointHarness, OpenEndpoint } from './endpoint-harness.js';
export { entrypointConformance } from './entrypoint-conformance.js';
export type { EntrypointHarness, SeenMessage } from './entrypoint-harness.js';
export { type FakeContextOptions, fakeContext } from './fake-context.js';
export { type FakeHostOptions, fakeHost } from './fake-host.js';
export type { Faults, SeenSubscribe } from './faults.js';
export { FaultyEndpoint, faultyEndpoint } from './faulty-endpoint.js';
export type { SeenDeliveries } from './faulty-subscription.js';
export { MemoryEndpoint, type MemoryEndpointOptions } from './memory-endpoint.js';
export { numberedMessages, textMessage } from './messages.js';
export { policyConformance } from './policy-conformance.js';
export { type FakeExpression, fakeExpressions } from './policy-expressions.js';
export type { PolicyHarness, WrongConfig } from './policy-harness.js';
export { type LogLine, type RecordingLogger, recordingLogger } from './recording-logger.js';
export { RecordingSink } from './recording-sink.js';
export { pause, until, within } from './wait.js';
