/** What is told of calls beside the requests. */
import type { ChannelRecorder } from '../ws/channelRecorder.ts';

export interface GrpcRecorder extends ChannelRecorder {
  /** A call has ended, by the name of its method. */
  step(name: string, ms: number, failed: boolean): void;
}
