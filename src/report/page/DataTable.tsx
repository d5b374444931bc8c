/** The numbers of a chart as a table that opens on demand: until then it costs nothing. */
import { useState } from 'preact/hooks';
import { CopyButton } from './CopyButton.tsx';

export interface Numbers {
  readonly columns: readonly string[];
  readonly rows: () => readonly (readonly string[])[];
}

const tsv = ({ columns, rows }: Numbers): string =>
  [columns, ...rows()].map((row) => row.map((cell) => cell.replaceAll(/[\t\n]/g, ' ')).join('\t')).join('\n');

export function DataTable({ name, numbers }: { name: string; numbers: Numbers }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="data" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span class="hidden"> of {name}</span>
      </summary>
      {open && (
        <>
          <CopyButton name="Copy as TSV" text={() => tsv(numbers)} />
          <div class="scroll" tabIndex={0} role="region" aria-label={name}>
            <table>
              <thead>
                <tr>
                  {numbers.columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {numbers.rows().map((row, index) => (
                  <tr key={index}>
                    {row.map((cell, at) => (
                      <td key={at}>{cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </details>
  );
}
