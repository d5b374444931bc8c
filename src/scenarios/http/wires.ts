/** The wires of a thread, one for each origin; requests without headers or body of their own are built once. */
import type { Http1Options } from '../../protocols/http1.ts';
import { httpRequest, type HttpRequest } from '../../protocols/httpRequest.ts';
import type { ChannelOptions } from '../../protocols/channel.ts';
import type { HttpWire } from '../../protocols/httpWire.ts';
import { Opening } from '../../protocols/opening.ts';
import { asHttp } from '../../protocols/webSocketUrl.ts';
import { straight, type Route } from '../../protocols/route.ts';
import { contentOf } from './content.ts';
import type { RequestOptions } from './http.ts';

/** Opens the wire to one origin: http1, or http2 with its streams. */
export type WireTo = (options: Http1Options) => HttpWire;

export interface WireOptions {
  readonly wireTo: WireTo;
  /** What paths that begin with / are joined to; null where every URL is whole. */
  readonly baseUrl: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly timeoutMs: number;
  readonly insecure: boolean;
  /** How to get to the origin of the base URL; others are reached straight. */
  readonly route: Route;
}

/** A request, and what it goes out on. */
interface Prepared {
  readonly request: HttpRequest;
  readonly wire: HttpWire;
}

/** What is told of a path where nothing says whose it is. */
export const needsBaseUrl = 'give the scenario a baseUrl, or --base-url';

/** As many requests are kept built. */
const builtMost = 2000;

export class Wires {
  readonly #options: WireOptions;
  readonly #base: URL | null;
  readonly #byOrigin = new Map<string, HttpWire>();
  /** By method, then by URL as the script gives it. */
  readonly #built = new Map<string, Map<string, Prepared>>();
  #builtCount = 0;
  /** How WebSockets to an origin are opened, and how many were. */
  readonly #openings = new Map<string, Opening>();
  channels = 0;
  openChannels = 0;
  /** What was said of the last WebSocket that could not be opened. */
  channelError = '';

  constructor(options: WireOptions) {
    this.#options = options;
    this.#base = options.baseUrl === null ? null : new URL(asHttp(options.baseUrl));
  }

  get counts(): { connections: number; retries: number } {
    const sum = { connections: this.channels, retries: 0 };
    for (const { counts } of this.#byOrigin.values()) {
      sum.connections += counts.connections;
      sum.retries += counts.retries;
    }
    return sum;
  }

  get lastError(): string {
    const errors = [this.channelError, ...[...this.#byOrigin.values()].map((wire) => wire.lastError)];
    return errors.find((error) => error !== '') ?? '';
  }

  get lastRedirect(): string {
    return [...this.#byOrigin.values()].map((wire) => wire.lastRedirect).find((to) => to !== '') ?? '';
  }

  /** @throws TypeError for what is no URL, PlimsollError for what can never be sent */
  prepare(method: string, url: string, options: RequestOptions | undefined, cookie = ''): Prepared {
    const plain = cookie === '' && isPlain(options);
    const known = plain ? this.#built.get(method)?.get(url) : undefined;
    if (known !== undefined) return known;
    const whole = this.whole(url);
    const { type, body } = contentOf(options ?? {});
    const headers = [
      ...this.#options.headers,
      ...(type === null ? [] : [['content-type', type] as const]),
      ...(cookie === '' ? [] : [['cookie', cookie] as const]),
      ...(options?.auth === undefined ? [] : [['authorization', authorization(options.auth)] as const]),
      ...Object.entries(options?.headers ?? {}),
    ];
    const request = httpRequest({ url, method, headers: lastOfEach(headers), body }, whole);
    const prepared = { request, wire: this.#wire(whole) };
    if (plain) this.#keep(method, url, prepared);
    return prepared;
  }

  /**
   * How to open a WebSocket there: paths are joined to the base URL, whether that is of http or of ws.
   * @throws TypeError for what is no URL, PlimsollError for what can never be sent
   */
  channelTo(
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Pick<ChannelOptions, 'opening' | 'request' | 'timeoutMs'> {
    const { timeoutMs, insecure, route } = this.#options;
    const whole = this.whole(asHttp(url));
    const all = lastOfEach([...this.#options.headers, ...Object.entries(headers)]);
    const request = httpRequest({ url: whole.href, method: 'GET', headers: all, body: null }, whole);
    const known = this.#openings.get(whole.origin);
    const straightThere = whole.origin === this.#base?.origin ? route : straight;
    const opening = known ?? new Opening(whole, { insecure, route: straightThere }, ['http/1.1']);
    this.#openings.set(whole.origin, opening);
    return { opening, request, timeoutMs };
  }

  #keep(method: string, url: string, prepared: Prepared): void {
    if (this.#builtCount >= builtMost) return;
    this.#builtCount++;
    const byUrl = this.#built.get(method) ?? new Map<string, Prepared>();
    this.#built.set(method, byUrl.set(url, prepared));
  }

  /** The address of what a script gives. @throws TypeError for what is none */
  whole(url: string): URL {
    if (this.#base === null && !URL.canParse(url)) {
      throw new TypeError(`"${url}" is no whole URL: ${needsBaseUrl}`);
    }
    const whole = new URL(url, this.#base ?? undefined);
    if (whole.protocol !== 'http:' && whole.protocol !== 'https:') {
      throw new TypeError(`"${url}" does not begin with http:// or https://`);
    }
    return whole;
  }

  #wire({ origin }: URL): HttpWire {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const { wireTo, timeoutMs, insecure } = this.#options;
    const route = origin === this.#base?.origin ? this.#options.route : straight;
    const wire = wireTo({ url: origin, method: 'GET', headers: [], body: null, timeoutMs, insecure, route });
    this.#byOrigin.set(origin, wire);
    return wire;
  }
}

/** Whether the request is the same whenever it is made. */
function isPlain(options: RequestOptions | undefined): boolean {
  if (options === undefined) return true;
  const { headers, json, form, parts, body, auth } = options;
  return (
    headers === undefined &&
    json === undefined &&
    form === undefined &&
    parts === undefined &&
    body === undefined &&
    auth === undefined
  );
}

function authorization(auth: NonNullable<RequestOptions['auth']>): string {
  if ('bearer' in auth) return `Bearer ${auth.bearer}`;
  return `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
}

/** Of a header given more than once, the last: what a request says counts more than what all say. */
function lastOfEach(
  headers: readonly (readonly [string, string])[],
): (readonly [name: string, value: string])[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}
