import type { MessageHeader } from '../contract/message.js';
import { View } from './view.js';

type Values = readonly (string | null)[];

/** Headers by name, ignoring case: each a list of values. */
export class HeadersView extends View {
  /** @param headers names in lower case. */
  constructor(private readonly headers: ReadonlyMap<string, Values>) {
    super();
  }

  /** The headers of a message, values as UTF-8. */
  static ofMessage(headers: readonly MessageHeader[]): HeadersView {
    const byName = new Map<string, (string | null)[]>();
    for (const [name, value] of headers) {
      const lower = name.toLowerCase();
      const values = byName.get(lower);
      const text = value === null ? null : value.toString();
      if (values === undefined) byName.set(lower, [text]);
      else values.push(text);
    }
    return new HeadersView(byName);
  }

  override member(name: string): unknown {
    return this.headers.get(name) ?? this.headers.get(name.toLowerCase());
  }

  override names(): Iterable<string> {
    return this.headers.keys();
  }
}
