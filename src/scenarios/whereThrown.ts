/** Where in the person's own file something was thrown: " (session.ts:12:5)", or nothing where that is unknown. */
import { basename } from 'node:path';

export function whereThrown(error: unknown, file: string): string {
  if (!(error instanceof Error)) return '';
  const name = basename(file);
  const line = (error.stack ?? '').split('\n').find((each) => each.includes(name));
  const place = line === undefined ? null : /:(\d+):(\d+)\)?$/.exec(line.trim());
  return place === null ? '' : ` (${name}:${place[1]}:${place[2]})`;
}
