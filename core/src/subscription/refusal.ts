/** What the management API answers in place of doing what it was asked. */
export class SubscriptionRefusal extends Error {
  /** @param message for the caller, a line for each problem */
  constructor(
    readonly status: 400 | 404 | 409 | 503,
    message: string,
  ) {
    super(message);
    this.name = 'SubscriptionRefusal';
  }
}
