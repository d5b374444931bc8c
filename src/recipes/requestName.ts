/**
 * Names for requests that have none: `GET /users/:id`. Pure.
 *
 * 1. Ids are collapsed, so that a thousand users are one line of the report: numbers, UUIDs, and whatever is long and mixed.
 * 2. No query and no part that looks like a token is in a name: names stand in reports.
 * 3. So many names and no more; what comes beyond is counted together.
 */
export const mostNames = 40;
const otherRequests = '(other requests)';
const longestName = 80;

export function requestName(method: string, pathname: string): string {
  const path = pathname.split('/').map(collapsed).join('/');
  const name = `${method} ${path}`;
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}

/** Names for all in turn: the first so many that differ, and one for the others. */
export function boundedNames(names: readonly string[]): string[] {
  const kept = new Set([...new Set(names)].slice(0, mostNames));
  return names.map((name) => (kept.has(name) ? name : otherRequests));
}

function collapsed(segment: string): string {
  const isId =
    /^\d+$/.test(segment) ||
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(segment) ||
    /^[0-9a-f]{16,}$/i.test(segment) ||
    // A token, or a person's address.
    (segment.length >= 24 && /\d/.test(segment) && /[a-z]/i.test(segment) && !segment.includes('.')) ||
    segment.length > 60 ||
    /.(@|%40)./i.test(segment);
  return isId ? ':id' : segment;
}
