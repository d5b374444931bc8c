/** A table of words, as the other renderers lay it out too. */
import type { Column } from '../layout.ts';

interface Props {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** The heading it belongs to. */
  readonly labelledBy: string;
  /** A class for a cell of its own. */
  readonly tone?: (row: number, column: number) => string;
}

export function WordTable({ columns, rows, labelledBy, tone = () => '' }: Props) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
      <table class="levels">
        <thead>
          <tr>
            {columns.map(({ title, align }) => (
              <th key={title} scope="col" class={align}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={cells[0]}>
              {cells.map((cell, column) => (
                <td
                  key={columns[column]?.title}
                  class={`${columns[column]?.align} ${tone(row, column)}`.trim()}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
