/** How long an answer asks to be left alone (Retry-After, RFC 9110 section 10.2.3). Pure. */

/** @param nowMs the present, since 1970 @returns milliseconds, at least 0; null where it does not say */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
