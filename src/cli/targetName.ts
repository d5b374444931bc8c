/** What a target is called before a person: its address without secrets, as it was given, or the file of a function. */
import { basename } from 'node:path';
import type { HttpTarget } from '../engine/messages.ts';
import { redactUrl } from './redact.ts';

export function targetName({ kind, url, scenario }: Pick<HttpTarget, 'kind' | 'url' | 'scenario'>): string {
  if (url === null) return basename(scenario ?? '');
  return redactUrl(kind === 'llm' ? (scenario ?? url) : url);
}
