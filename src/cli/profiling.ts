/** What the command line says of profiles. */
import { PlimsollError } from '../errors.ts';
import type { ProfilePlan } from '../experiments/profile.ts';
import { profileNames } from '../model/report.ts';
import { isSizeable, leastBytes } from '../protocols/sizedRequest.ts';
import { parseBytes } from '../units.ts';
import type { OptionReader } from './options.ts';
import type { HttpTarget } from '../engine/messages.ts';

type Target = Pick<HttpTarget, 'kind' | 'url' | 'method' | 'body'>;

/**
 * The profiles that were asked for, one after the other; null where none was.
 * @throws PLM_OPTION where the target has nothing that a profile could vary
 */
export function profilesGiven(
  read: OptionReader,
  target: Target,
  { greatest, maxUsers }: Pick<ProfilePlan, 'greatest' | 'maxUsers'>,
): ProfilePlan | null {
  const names = read.choices('profile', profileNames);
  const sizes = read.text('sizes');
  if (sizes !== null && names?.includes('volume') !== true && read.isFlag('sizes'))
    throw new PlimsollError('PLM_OPTION', '--sizes', 'it goes with --profile volume');
  if (names === null) return null;
  return {
    names,
    greatest,
    stageMs: read.durationMs('duration'),
    maxUsers,
    maxRatePerSecond: read.ratePerSecond('maxRate') ?? Number.POSITIVE_INFINITY,
    sizes: names.includes('volume') ? sizesOf(target, sizes?.text ?? null) : null,
  };
}

/** Null for those of the profile. */
function sizesOf({ kind, url, method, body }: Target, given: string | null): readonly number[] | null {
  if (kind !== 'http' || url === null) {
    const how =
      'give the URL of one request, with --method POST, or a body with {filler}; a scenario says its sizes itself';
    throw new PlimsollError('PLM_OPTION', '--profile volume with this target', how);
  }
  const request = { url, method, body: body === null ? null : Buffer.from(body) };
  if (!isSizeable(request)) {
    const how =
      'nothing of this request can be made larger: give --method POST for a body of letters, write {filler} into the body that you give, for letters, or {bytes} into the URL, for the size of the answer';
    throw new PlimsollError('PLM_OPTION', '--profile volume', how);
  }
  if (given === null && leastBytes(request) <= 1024) return null;
  const sizes = (given ?? '10KiB,100KiB,1MiB,10MiB').split(',').map(parseBytes);
  const least = leastBytes(request);
  const small = sizes.find((bytes) => bytes < least);
  if (small === undefined) return sizes.toSorted((a, b) => a - b);
  throw new PlimsollError(
    'PLM_NUMBER',
    `${small} bytes for --sizes`,
    `the body has ${least} without its filler`,
  );
}
