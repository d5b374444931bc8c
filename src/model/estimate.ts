import { z } from 'zod';

/** A number with its 95 % interval. `low` and `high` are null where the data do not bound it. */
export const estimateSchema = z.object({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  unit: z.string(),
  method: z.string().describe('How value and interval were obtained, in a few words.'),
});
export type Estimate = z.infer<typeof estimateSchema>;
