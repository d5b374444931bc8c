/** Which wire of HTTP a run speaks. */
import { http1 } from '../../protocols/http1.ts';
import type { WireTo } from './wires.ts';

/** @param streams of HTTP/2 on a connection; null for HTTP/1.1 */
export async function wiresOf(streams: number | null): Promise<WireTo> {
  if (streams === null) return http1;
  // undici takes a while to load, and most runs do without
  const { http2 } = await import('../../protocols/http2.ts');
  return (options) => http2({ ...options, streams });
}
