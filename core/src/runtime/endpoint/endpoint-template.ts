import { listOf } from '../../contract/attribute-list.js';
import type { ExecutionContext } from '../../contract/context.js';
import { SluiceError } from '../../contract/errors.js';
import type { EndpointPlugin } from '../../contract/plugin.js';
import type { Expressions, Template } from '../../contract/policy.js';
import { asWritten } from '../../contract/written-list.js';
import type { JsonPath } from '../../definition/problem.js';
import type { CheckedConfiguration } from '../configuration-check.js';
import type { ExpressionPlace } from '../expression-paths.js';
import type { Registered } from '../registry.js';

/** The two parts of an endpoint's configuration. */
export interface EndpointConfiguration {
  readonly configuration: Record<string, unknown>;
  readonly shared: Record<string, unknown>;
}

type Part = keyof EndpointConfiguration;

/** A text of the configuration that is worked out for each exchange. */
interface Expression {
  readonly part: Part;
  readonly path: JsonPath;
  readonly template: Template;
  readonly text: string;
}

/**
 * An endpoint's configuration as it is written: what an exchange makes of it depends on its expressions and on the
 * attributes `gravitee.attributes.endpoint.<type>.<path>`, which take the place of any option.
 */
export class EndpointTemplate {
  readonly #prefix: string;

  private constructor(
    private readonly plugin: Registered<EndpointPlugin>,
    readonly written: EndpointConfiguration,
    private readonly expressions: readonly Expression[],
  ) {
    this.#prefix = `gravitee.attributes.endpoint.${plugin.id}.`;
  }

  /** @param report is told of every expression that is not valid; the template is then of no use */
  static compile(
    plugin: Registered<EndpointPlugin>,
    { configuration, shared }: Readonly<Record<Part, CheckedConfiguration>>,
    compiler: Expressions,
    report: (part: Part, path: JsonPath, message: string) => void,
  ): EndpointTemplate {
    const expressions: Expression[] = [];
    const compile = (part: Part, places: readonly ExpressionPlace[]) => {
      for (const { path, text } of places) {
        try {
          expressions.push({ part, path, text, template: compiler.template(text) });
        } catch (error) {
          report(part, path, error instanceof Error ? error.message : String(error));
        }
      }
    };
    compile('configuration', configuration.expressions);
    compile('shared', shared.expressions);
    const written = { configuration: configuration.value, shared: shared.value };
    return new EndpointTemplate(plugin, written, expressions);
  }

  /** Whether every exchange must work it out, for the sake of its expressions. */
  get isDynamic(): boolean {
    return this.expressions.length > 0;
  }

  /** Whether this exchange has its own: the written one will not do. */
  changesFor({ attributes }: ExecutionContext): boolean {
    if (this.isDynamic) return true;
    for (const [name, value] of attributes) {
      if (name.startsWith(this.#prefix) && value !== null && value !== undefined) return true;
    }
    return false;
  }

  /**
   * The configuration for one exchange, valid and complete.
   * @throws SluiceError `FAILURE_CONFIGURATION_INVALID` with the reason as its cause, or what the plugin throws at a
   * value that a request must not choose
   */
  async resolve(ctx: ExecutionContext): Promise<EndpointConfiguration> {
    const resolved = structuredClone(this.written);
    const overrides = this.#overrides(ctx);
    try {
      for (const { part, path, text, template } of this.expressions) {
        if (overrides.some((one) => one.part === part && isPrefix(one.path, path))) continue;
        const value = await template.evaluate(ctx);
        set(resolved[part], path, this.#isList(part, path) ? listOf(asWritten(text, value) ?? '') : value);
      }
      for (const { part, path, value } of overrides) set(resolved[part], path, value);
      this.#validate(resolved);
    } catch (cause) {
      // As written it was right when it was deployed: what the request brought is not.
      const status = cause instanceof SluiceError ? cause.status : 400;
      throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { status, cause });
    }
    this.plugin.permit?.(resolved, this.written);
    return resolved;
  }

  #overrides({ attributes }: ExecutionContext): readonly { part: Part; path: JsonPath; value: unknown }[] {
    const found: { part: Part; path: JsonPath; value: unknown }[] = [];
    for (const [name, value] of attributes) {
      if (!name.startsWith(this.#prefix) || value === null || value === undefined) continue;
      const path = name.slice(this.#prefix.length).split('.');
      const option = optionAt(this.plugin.schema, path);
      const shared = optionAt(this.plugin.sharedSchema ?? {}, path);
      if (option === undefined && shared === undefined) {
        const cause = new Error(`there is no option ${path.join('.')}`);
        throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { cause });
      }
      const isList = (option ?? shared)?.type === 'array';
      found.push({
        part: option === undefined ? 'shared' : 'configuration',
        path,
        value: isList ? listOf(value) : value,
      });
    }
    return found;
  }

  #isList(part: Part, path: JsonPath): boolean {
    const schema = part === 'shared' ? this.plugin.sharedSchema : this.plugin.schema;
    return optionAt(schema ?? {}, path)?.type === 'array';
  }

  /** Fills in defaults and makes numbers and flags of texts, as when deploying. @throws Error with every reason */
  #validate({ configuration, shared }: EndpointConfiguration): void {
    const found = [...this.plugin.validate(configuration), ...this.plugin.validateShared(shared)];
    const reasons = found.map(({ path, message }) => `${path.join('.')}: ${message}`);
    if (reasons.length === 0) {
      const told = this.plugin.check?.(configuration, shared) ?? [];
      const more = told.filter(({ severity }) => severity !== 'warning');
      const errors = more.filter(({ severity }) => severity !== 'warning');
      reasons.push(...errors.map(({ pointer, message }) => `${pointer}: ${message}`));
    }
    if (reasons.length > 0) throw new Error(reasons.join('; '));
  }
}

function isPrefix(prefix: JsonPath, path: JsonPath): boolean {
  return prefix.every((step, index) => step === path[index]);
}

/** Sets a member, making the objects above it; no value takes the member away, so that its default holds. */
function set(target: Record<string, unknown>, path: JsonPath, value: unknown): void {
  let holder = target as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) {
    holder[step] ??= {};
    holder = holder[step] as Record<string | number, unknown>;
  }
  const last = path.at(-1) as string | number;
  if (value === null || value === undefined) {
    if (Array.isArray(holder)) holder[last] = '';
    else delete holder[last];
  } else holder[last] = value;
}

interface OptionSchema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
}

function optionAt(schema: OptionSchema, path: JsonPath): OptionSchema | undefined {
  let found: OptionSchema | undefined = schema;
  for (const step of path) {
    const properties: OptionSchema['properties'] = found?.properties;
    found = properties !== undefined && Object.hasOwn(properties, step) ? properties[step] : undefined;
  }
  return found;
}
