/** A request to the admin routes that cannot be met; the message is a sentence for whoever sent it. */
export class AdminError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
