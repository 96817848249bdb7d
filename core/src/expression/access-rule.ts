import { type Judge, RuleCompiler } from './access-judge.js';
import { inEitherLanguage } from './compile.js';
import { compileWrittenJsonata } from './evaluate.js';
import type { Condition } from './expression.js';
import { failed, refused } from './faults.js';
import { DEFAULT_LIMITS, type ExpressionLimits } from './limits.js';
import { truth } from './operations.js';
import { parseSpel } from './spel-parser.js';
import { hasExpression, templateParts } from './template.js';

/**
 * Compiles a rule that gives access. It differs from a condition in one thing: what is compared with a value that is not
 * there is unknown, and so is its negation, and a rule that comes to unknown does not hold. `role != 'guest'` lets nobody
 * in who has no role. A comparison with `null` itself asks whether a value is there.
 * @throws ExpressionSyntaxError, also where the text is more than one expression
 */
export function compileAccessRule(text: string, limits: ExpressionLimits = DEFAULT_LIMITS): Condition {
  const rule = text.trim();
  const parts = hasExpression(rule)
    ? templateParts(rule, (expression) => compileRule(expression, limits))
    : [compileRule(rule, limits)];
  const [only] = parts;
  if (only === undefined || typeof only === 'string' || parts.length > 1) {
    throw refused('a rule is one expression; join several by &&, within one pair of braces', 0);
  }
  return {
    matches: async (scope) => {
      try {
        return (await only(scope)) === true;
      } catch (error) {
        throw failed(rule, error);
      }
    },
  };
}

function compileRule(text: string, limits: ExpressionLimits): Judge {
  const found = inEitherLanguage(text, parseSpel, (jsonata) =>
    compileWrittenJsonata(jsonata, limits, { refusesNull: true }),
  );
  if (found.spel !== undefined) return new RuleCompiler(limits).judge(found.spel);
  const { program } = found;
  return async (scope) => truth(await program(scope));
}
