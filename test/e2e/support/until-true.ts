import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is true; rejects after the time, with `what` as the state it was in. */
export async function untilTrue(
  ask: () => Promise<boolean>,
  options: { readonly timeoutMs: number; readonly what?: () => Promise<string> },
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  while (!(await ask())) {
    if (Date.now() > deadline) {
      throw new Error(
        `not so after ${options.timeoutMs} ms: ${(await options.what?.()) ?? 'the condition is false'}`,
      );
    }
    await delay(50);
  }
}
