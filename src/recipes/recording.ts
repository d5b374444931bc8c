/**
 * The recipe of a recording: one session asks for what was recorded, in its order and with its pauses.
 *
 * 1. A request leaves when all that were answered before it in the recording are answered now, after the recorded pause.
 *    So what overlapped then overlaps now, and what waited for something waits for it.
 * 2. At most six at once, as a browser has them to one origin over HTTP/1.1.
 * 3. Redirects are not followed: where they led was recorded, and is asked for. A redirect where none was recorded is a
 *    `check` that does not hold, or a target that sends everybody to its login would look well.
 * 4. Cookies come from the target as it is now; none of the recording is sent.
 */
import type { RequestOptions } from '../scenarios/http/http.ts';
import { scenario, type Scenario } from '../scenarios/scenario.ts';

export interface RecordingRecipe {
  readonly kind: 'recording';
  /** That of the file. */
  readonly name: string;
  readonly baseUrl: string;
  /** In the order in which they began. */
  readonly requests: readonly RecordedRequest[];
  /** What of the file is played, and what is not, in a sentence for a person. */
  readonly note: string;
}

export interface RecordedRequest {
  /** For the report: `GET /users/:id`. */
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  /** What it was answered with. */
  readonly status: number;
  /** Those that it waits for: earlier ones, by their places in the list. */
  readonly after: readonly number[];
  /** From the last of those to its own beginning; without any, from that of the session. */
  readonly pauseMs: number;
}

const mostAtOnce = 6;

export function recordingScenario({ name, baseUrl, requests }: RecordingRecipe): Scenario {
  const parts = requests.map((request) => ({ ...request, options: optionsOf(request) }));
  return scenario(name, { baseUrl, redirects: 0 }, async ({ http, step, check, pause }) => {
    const slots = new Slots(mostAtOnce);
    const play = async (part: (typeof parts)[number], before: readonly Promise<void>[]): Promise<void> => {
      await Promise.all(before);
      if (part.pauseMs > 0) await pause(part.pauseMs / 1000);
      await slots.take();
      const { method, url, options, status } = part;
      const reply = await step(part.name, () => http.request(method, url, options));
      slots.give();
      const isStray = isRedirect(reply.status) && !isRedirect(status);
      if (isStray) check(`${part.name} was recorded with ${status}, and is ${reply.status} now`, false);
    };
    const played: Promise<void>[] = [];
    for (const part of parts) {
      const before = part.after.map((nth) => played[nth]).filter((each) => each !== undefined);
      played.push(play(part, before));
    }
    await Promise.all(played);
  });
}

function optionsOf({ headers, body, status }: RecordedRequest): RequestOptions {
  const accept = status >= 400 && status < 500 ? [status] : [];
  return { headers, accept, ...(body === null ? {} : { body }) };
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** So many at once; the others in the order in which they came. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#free = most;
  }

  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
