import { preferredType } from '../contract/accept.js';
import type { ExecutionContext } from '../contract/context.js';
import type { CompleteResponse } from '../contract/entrypoint.js';
import type { SluiceError } from '../contract/errors.js';
import type { ApiDefinition } from '../definition/model.js';
import type { DeployProblem } from './deploy-problems.js';
import type { ErrorExpressions, ErrorText } from './expressions.js';

/** One answer of a definition's own, compiled. */
interface ErrorTemplate {
  readonly contentType: string;
  readonly status?: number;
  readonly headers: readonly (readonly [name: string, text: ErrorText])[];
  readonly body?: ErrorText;
}

const ANY = '*/*';

/** The answers to errors that a definition words itself (`responseTemplates`), by key, then `DEFAULT`, then Accept. */
export class ResponseTemplates {
  private constructor(private readonly byKey: ReadonlyMap<string, readonly ErrorTemplate[]>) {}

  /** Expressions that are not valid are reported. */
  static compile(
    { responseTemplates }: Pick<ApiDefinition, 'responseTemplates'>,
    expressions: ErrorExpressions,
    problems: DeployProblem[],
  ): ResponseTemplates {
    const byKey = new Map<string, ErrorTemplate[]>();
    for (const [key, types] of Object.entries(responseTemplates)) {
      for (const [type, { statusCode, status = statusCode, headers, body }] of Object.entries(types)) {
        const compiled = (text: string, ...where: readonly string[]): ErrorText | undefined => {
          try {
            return expressions.errorText(text);
          } catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            problems.push({ severity: 'error', path: ['responseTemplates', key, type, ...where], message });
            return undefined;
          }
        };
        const text = body === undefined ? undefined : compiled(body, 'body');
        const template: ErrorTemplate = {
          contentType: type,
          ...(status === undefined ? {} : { status }),
          headers: Object.entries(headers).flatMap(([name, value]) => {
            const made = compiled(value, 'headers', name);
            return made === undefined ? [] : [[name, made] as const];
          }),
          ...(text === undefined ? {} : { body: text }),
        };
        byKey.set(key, [...(byKey.get(key) ?? []), template]);
      }
    }
    return new ResponseTemplates(byKey);
  }

  /**
   * The definition's own answer to an error; undefined when it has none for this key and these media types.
   * @param answer the usual one: its headers, such as `Retry-After`, stay unless the template sets them
   */
  async answer(
    error: SluiceError,
    answer: CompleteResponse,
    ctx: ExecutionContext,
  ): Promise<CompleteResponse | undefined> {
    if (this.byKey.size === 0) return undefined;
    const accept = ctx.request.headers.get('accept');
    const template = choose(this.byKey.get(error.code), accept) ?? choose(this.byKey.get('DEFAULT'), accept);
    if (template === undefined) return undefined;
    const { 'Content-Type': usualType, ...usual } = answer.headers ?? {};
    const headers: Record<string, string | readonly string[]> = { ...usual };
    for (const [name, value] of template.headers)
      headers[name] = String((await value.evaluate(ctx, error)) ?? '');
    const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
    if (!named)
      headers['Content-Type'] =
        template.contentType === ANY ? (usualType ?? 'text/plain') : template.contentType;
    const body = template.body === undefined ? undefined : await template.body.evaluate(ctx, error);
    return {
      status: template.status ?? answer.status,
      headers,
      ...(body === undefined || body === null
        ? {}
        : { body: typeof body === 'object' ? JSON.stringify(body) : String(body) }),
    };
  }
}

/** The one that the client prefers; the one for any type when there is no better. */
function choose(
  templates: readonly ErrorTemplate[] | undefined,
  accept: readonly string[] | undefined,
): ErrorTemplate | undefined {
  if (templates === undefined) return undefined;
  const typed = new Map(templates.map((template) => [bareType(template.contentType), template]));
  const typeOfAny = typed.get(ANY);
  typed.delete(ANY);
  return typed.get(preferredType(accept, [...typed.keys()]) ?? '') ?? typeOfAny;
}

function bareType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
