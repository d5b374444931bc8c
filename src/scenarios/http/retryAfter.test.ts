import { expect, it } from 'vitest';
import { retryAfterMs } from './retryAfter.ts';

const nowMs = Date.parse('2026-03-04T05:06:07Z');

it.each([
  ['7', 7000],
  [' 0 ', 0],
  ['Wed, 04 Mar 2026 05:06:20 GMT', 13_000],
  ['Wed, 04 Mar 2026 05:06:00 GMT', 0],
  ['soon', null],
  [null, null],
])('Retry-After %j is %s ms', (header, expected) => expect(retryAfterMs(header, nowMs)).toBe(expected));
