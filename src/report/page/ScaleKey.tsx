/** What the signs beside the load scale mean: only those that are on it. */
import type { Scale } from './loadScale.ts';

export function ScaleKey({ scale }: { scale: Scale }) {
  const has = (outcome: Scale['rateTicks'][number]['outcome']): boolean =>
    scale.rateTicks.some((tick) => tick.outcome === outcome);
  return (
    <figcaption class="scale-key">
      {scale.userTicks.length > 0 && (
        <span>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <path d="M1 6h10" class="scale-tick" />
          </svg>
          throughput of so many users
        </span>
      )}
      {has('held') && (
        <span>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="4" class="scale-held" />
          </svg>
          rate held
        </span>
      )}
      {has('failed') && (
        <span>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <path d="M2 2l8 8m0-8l-8 8" class="scale-failed" />
          </svg>
          rate not held
        </span>
      )}
      {has('invalid') && (
        <span>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="3.5" class="scale-invalid" />
          </svg>
          invalid
        </span>
      )}
    </figcaption>
  );
}
