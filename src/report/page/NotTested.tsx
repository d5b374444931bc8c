/** What this run says nothing about. */
import type { Report } from '../../model/report.ts';

const parts: readonly { key: 'recovery' | 'stability' | 'plan' | 'readiness' | 'cost'; name: string }[] = [
  { key: 'recovery', name: 'recovery after overload' },
  { key: 'stability', name: 'leaks' },
  { key: 'plan', name: 'the plan of instances' },
  { key: 'readiness', name: 'readiness' },
  { key: 'cost', name: 'cost' },
];

export function NotTested({ report }: { report: Report }) {
  const missing = parts.filter(({ key }) => report[key] === null).map(({ name }) => name);
  const last = missing.pop();
  if (last === undefined) return null;
  const list = missing.length === 0 ? last : `${missing.join(', ')} and ${last}`;
  return (
    <section aria-labelledby="not-tested">
      <h2 id="not-tested">Not tested in this run</h2>
      <p>{`${list.charAt(0).toUpperCase()}${list.slice(1)}.`}</p>
    </section>
  );
}
