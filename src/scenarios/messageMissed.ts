/** What was waited for outside a request: no request shows that it failed. */
export class MessageMissed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MessageMissed';
  }
}
