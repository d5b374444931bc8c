/** What is known of the target of streams (streamTarget.ts): its constants, and what it counts itself. */

/** From the request to its first token. */
export const tokenFirstMs = 200;
/** From each token to the next. */
export const tokenEveryMs = 25;
/** Connections that it is told to take at once. */
export const cap = 40;
/** Memory that it takes for each connection that is held. */
export const heldKibibytes = 512;

export interface StreamTruth {
  readonly chats: number;
  readonly inputTokens: number;
  /** As they were sent, those of chats that were cut among them. */
  readonly outputTokens: number;
  /** Chats that the caller left before their end, and the tokens sent to them. */
  readonly cut: number;
  readonly cutTokens: number;
  /** Numbered messages that were sent. */
  readonly numbered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Channels that the target closed. */
  readonly closed: number;
  /** Messages that came to it. */
  readonly heard: number;
  readonly opened: number;
  readonly refused: number;
  readonly mostOpen: number;
}
