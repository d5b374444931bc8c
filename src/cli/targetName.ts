/** What a target is called before a person: its address without secrets, or the file of a function. */
import { basename } from 'node:path';
import type { HttpTarget } from '../engine/messages.ts';
import { redactUrl } from './redact.ts';

export const targetName = ({ url, scenario }: Pick<HttpTarget, 'url' | 'scenario'>): string =>
  url === null ? basename(scenario ?? '') : redactUrl(url);
