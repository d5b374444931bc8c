/** What an expectation throws: the session ends there, and counts as failed. */
export class ExpectationFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpectationFailed';
  }
}

/** A protection of the target is not as it was expected: that is the target's doing, and no fault of the script. */
export class LimitWrong extends ExpectationFailed {}
