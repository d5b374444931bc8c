/** The wires of a thread straight to one target, as a player has them. */
import { http1 } from '../../src/protocols/http1.ts';
import { straight } from '../../src/protocols/route.ts';
import { Wires } from '../../src/scenarios/http/wires.ts';

export const wiresTo = (baseUrl: string, timeoutMs = 3000): Wires =>
  new Wires({ wireTo: http1, baseUrl, headers: [], timeoutMs, insecure: false, route: straight });
