/** What a target is called before a person: its address without secrets, as it was given, or the file of a function. */
import { basename } from 'node:path';
import type { HttpTarget } from '../engine/messages.ts';
import { redactUrl } from './redact.ts';

export function targetName({
  kind,
  url,
  scenario,
  recipe,
}: Pick<HttpTarget, 'kind' | 'url' | 'scenario' | 'recipe'>): string {
  if (url === null) return basename(scenario ?? '');
  return redactUrl(kind === 'llm' || recipe?.kind === 'call' ? (scenario ?? url) : url);
}
