/** How a hook of a plugin goes wrong. */
export const FAULTS = {
  throws: () => {
    throw new Error('a hook throws');
  },
  rejects: () => Promise.reject(new Error('a hook rejects')),
  'gives nothing': () => undefined,
  'gives something else': () => 'not what the contract says',
} as const;

export type Fault = keyof typeof FAULTS;

/**
 * A copy of what a plugin consists of whose hook, wherever one of that name is met in what its calls return, goes wrong.
 * Everything else is as it was.
 */
export function spoilt<T>(target: T, hook: PropertyKey, fault: () => unknown): T {
  if (target instanceof Promise) return target.then((value) => spoilt(value, hook, fault)) as T;
  if (typeof target !== 'object' || target === null || Buffer.isBuffer(target)) return target;
  return new Proxy(target, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name, of);
      // Reads the elements through this proxy.
      if (name === Symbol.iterator) return value;
      const isHook = name === hook && (value !== undefined || hook !== Symbol.asyncIterator);
      if (isHook && typeof value !== 'function') return fault();
      if (isHook) return name === 'close' ? () => closing(of as unknown as Closing, fault) : fault;
      if (typeof value !== 'function') return fixed(of, name) ? value : spoilt(value, hook, fault);
      return (...given: unknown[]) => spoilt(Reflect.apply(value, of, given) as unknown, hook, fault);
    },
  });
}

type Closing = { close(): unknown };

/** One that says it failed has ended its readers all the same. */
function closing(of: Closing, fault: () => unknown): unknown {
  void of.close();
  return fault();
}

/** What a proxy must give as it is. */
function fixed(of: object, name: PropertyKey): boolean {
  const found = Reflect.getOwnPropertyDescriptor(of, name);
  return found !== undefined && found.configurable === false && found.writable === false;
}
