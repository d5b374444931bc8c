/** What is told of channels beside the requests. */
import type { MessageSlice } from '../../model/slice.ts';

export interface ChannelRecorder {
  time(name: string, ms: number): void;
  messages(change: Partial<MessageSlice>): void;
}
