/** Where a redirect leads, and with which request (RFC 9110 section 15.4). Pure. */
import type { RequestOptions } from './http.ts';

export interface Onward {
  readonly method: string;
  readonly url: URL;
  /** Whether the body, and the headers that describe it, go along. */
  readonly withBody: boolean;
  /** Whether the origin is another: then credentials stay behind. */
  readonly elsewhere: boolean;
}

/** Whether the status says that the answer is elsewhere. */
export const leadsOn = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** @returns null for what is no redirect that can be followed */
export function redirect(method: string, from: URL, status: number, location: string | null): Onward | null {
  if (location === null || !URL.canParse(location, from.href)) return null;
  const url = new URL(location, from.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // A fragment is the reader's own affair.
  url.hash = '';
  const elsewhere = url.origin !== from.origin;
  if (status === 307 || status === 308) return { method, url, withBody: true, elsewhere };
  if (status === 303) return { method: method === 'HEAD' ? 'HEAD' : 'GET', url, withBody: false, elsewhere };
  // Every browser makes a GET of a POST here, and the standard allows it.
  if (status === 301 || status === 302) {
    return method === 'POST'
      ? { method: 'GET', url, withBody: false, elsewhere }
      : { method, url, withBody: true, elsewhere };
  }
  return null;
}

/** What of the options goes along with a redirect: no body where the method changed, no secrets to another origin. */
export function carriedOn(options: RequestOptions | undefined, to: Onward): RequestOptions | undefined {
  if (options === undefined) return undefined;
  const { json, form, parts, body, auth, headers, ...rest } = options;
  const kept = Object.entries(headers ?? {}).filter(
    ([name]) =>
      !(to.elsewhere && /^(authorization|cookie|proxy-authorization)$/i.test(name)) &&
      (to.withBody || !/^content-/i.test(name)),
  );
  return {
    ...rest,
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }),
    ...(to.elsewhere || auth === undefined ? {} : { auth }),
    ...(to.withBody
      ? {
          ...(json === undefined ? {} : { json }),
          ...(form === undefined ? {} : { form }),
          ...(parts === undefined ? {} : { parts }),
          ...(body === undefined ? {} : { body }),
        }
      : {}),
  };
}
