import type { Mode } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Qos } from '../contract/qos.js';
import type { OpenStreams } from '../telemetry/open-streams.js';
import { agreeQos } from './agree-qos.js';
import type { CheckedEndpoint, CheckedEntrypoint, CheckedPush } from './check-definition.js';
import type { DeployProblem } from './deploy-problems.js';
import { type Candidate, EndpointChoice } from './endpoint/endpoint-choice.js';
import { Pipeline } from './pipeline.js';

/** The endpoints that an entrypoint is bound to, and the level that was agreed with them. */
export interface Binding {
  readonly qos: Qos;
  /** What it does with them: those of the entrypoint's modes that they have, one at least. */
  readonly modes: readonly Mode[];
  /** Of the first group that has one that fits. */
  readonly members: readonly CheckedEndpoint[];
  /** What exchanges may ask for by name. */
  readonly named: readonly CheckedEndpoint[];
}

/**
 * The endpoints that exchanges of an entrypoint go to without asking for one: all but those that dead letters go to, unless no
 * other is there, or nothing else can be read.
 * @param deadLetters names of endpoints and groups
 */
export function candidatesFor(
  { modes }: CheckedEntrypoint | CheckedPush,
  all: readonly CheckedEndpoint[],
  deadLetters: ReadonlySet<string>,
): readonly CheckedEndpoint[] {
  const others = all.filter(
    ({ definition: { name }, group }) => !deadLetters.has(name) && !deadLetters.has(group),
  );
  const reads = modes.includes('subscribe') && !others.some((end) => end.modes.includes('subscribe'));
  return others.length === 0 || reads ? all : others;
}

/**
 * Chooses the endpoints and agrees on the level. Where no endpoint has all of the entrypoint's modes, those are served that
 * one has, and a warning names the others. A pair that cannot work is reported and answers with its error.
 * @param candidates those that exchanges go to without asking for one
 */
export function bind(
  { definition, plugin, path, modes: wanted }: CheckedEntrypoint | CheckedPush,
  candidates: readonly CheckedEndpoint[],
  all: readonly CheckedEndpoint[],
  problems: DeployProblem[],
): Binding | SluiceError {
  const served = (end: CheckedEndpoint) => wanted.filter((mode) => end.modes.includes(mode));
  const most = Math.max(0, ...candidates.map((end) => served(end).length));
  const first = candidates.find((end) => served(end).length === most);
  if (first === undefined || most === 0) {
    const message = `no endpoint can ${wanted.join(' or ')}; "${plugin.id}" will answer 503 NO_ENDPOINT_FOUND (for Kafka: is producer.enabled or consumer.enabled set?)`;
    problems.push({ severity: 'warning', path, message });
    return new SluiceError('NO_ENDPOINT_FOUND');
  }
  const modes = served(first);
  const can = (end: CheckedEndpoint) => modes.every((mode) => end.modes.includes(mode));
  const missing = wanted.filter((mode) => !modes.includes(mode));
  if (missing.length > 0) {
    const does = modes.map((mode) => DOES[mode]).join(' and ');
    const message = `no endpoint can ${missing.join(' or ')} here, so "${plugin.id}" only ${does} (for Kafka: is ${missing.map((mode) => SWITCH[mode]).join(', ')} set?)`;
    problems.push({ severity: 'warning', path, message });
  }
  const agreement = agreeQos(definition.qos, plugin, first.plugin);
  if (!('qos' in agreement)) {
    const message = `${agreement.message}; until then "${plugin.id}" answers 400 ${agreement.key}`;
    problems.push({ severity: 'warning', path: [...path, 'qos'], message });
    return new SluiceError(agreement.key, { message: agreement.message });
  }
  const fits = (end: CheckedEndpoint) => can(end) && 'qos' in agreeQos(definition.qos, plugin, end.plugin);
  const members = candidates.filter((end) => end.group === first.group && fits(end));
  return { qos: agreement.qos, modes, members, named: all.filter(fits) };
}

const DOES: Readonly<Record<Mode, string>> = { publish: 'publishes', subscribe: 'subscribes' };
const SWITCH: Readonly<Record<Mode, string>> = { publish: 'producer.enabled', subscribe: 'consumer.enabled' };

/**
 * The way of messages to the bound endpoints.
 * @param kind what the entrypoint's kind can do, whatever of it is switched off
 */
export function pipelineOf(
  binding: Binding | SluiceError,
  candidateOf: (end: CheckedEndpoint) => Candidate,
  kind: readonly Mode[],
  streams: OpenStreams,
): Pipeline | SluiceError {
  if (binding instanceof SluiceError) return binding;
  const { qos, members, named } = binding;
  const connector = new EndpointChoice(members.map(candidateOf), named.map(candidateOf));
  // `none` of a kind that also reads says that nobody keeps a client's place, not that what it publishes may be lost.
  const publishQos = qos === 'none' && kind.includes('subscribe') ? 'balanced' : qos;
  return new Pipeline(qos, connector, publishQos, streams);
}
