/** Writes schema/report.schema.json from the report's schema in the code: `npm run generate`. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { reportSchema } from '../src/model/report.ts';

/** The JSON Schema (draft 2020-12) of report.json, as text. */
export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema, { io: 'input' }), null, 2)}\n`;
}

if (process.argv[1]?.endsWith('schema.ts') === true) {
  writeFileSync(new URL('../schema/report.schema.json', import.meta.url), schemaText());
}
