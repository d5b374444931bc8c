/** Every level that was measured, as a table that can be sorted and copied. */
import { useMemo, useState } from 'preact/hooks';
import type { Report } from '../../model/report.ts';
import { CopyButton } from './CopyButton.tsx';
import { levelColumns, levelsTsv, sortLevels, type LevelColumn } from './levelColumns.ts';
import { allLevels, outcome, type NumberedLevel } from './words.ts';

const columnClass = ({ align, screen }: LevelColumn): string => (screen === true ? `${align} screen` : align);

interface Sorting {
  readonly column: LevelColumn;
  readonly descending: boolean;
}

function Row({ entry, columns }: { entry: NumberedLevel; columns: readonly LevelColumn[] }) {
  return (
    <tr class={`level-${outcome(entry.level)}`}>
      {columns.map((column) => (
        <td key={column.name} class={columnClass(column)}>
          {column.text(entry)}
        </td>
      ))}
    </tr>
  );
}

export function Levels({ report }: { report: Report }) {
  const levels = useMemo(() => allLevels(report), [report]);
  // A column in which nothing stands tells nothing.
  const columns = useMemo(
    () => levelColumns.filter(({ text }) => levels.some((entry) => text(entry) !== '–')),
    [levels],
  );
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const sorted = sorting === null ? levels : sortLevels(levels, sorting.column, sorting.descending);
  if (levels.length === 0) return null;
  const choose = (column: LevelColumn): void =>
    setSorting({ column, descending: sorting?.column === column && !sorting.descending });
  return (
    <section aria-labelledby="levels">
      <div class="section-head">
        <h2 id="levels">Every level</h2>
        <CopyButton name="Copy as TSV" text={() => levelsTsv(sorted)} />
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-labelledby="levels">
        <table class="levels">
          <thead>
            <tr>
              {columns.map((column) => {
                const here = sorting?.column === column;
                const direction = here ? (sorting.descending ? 'descending' : 'ascending') : 'none';
                return (
                  <th key={column.name} scope="col" class={columnClass(column)} aria-sort={direction}>
                    <button type="button" title={column.title} onClick={() => choose(column)}>
                      {column.name}
                      <span aria-hidden="true">{here ? (sorting.descending ? ' ↓' : ' ↑') : ''}</span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {sorted.map((entry) => (
              <Row key={entry.index} entry={entry} columns={columns} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
