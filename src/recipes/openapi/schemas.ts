/** The parts of an OpenAPI file that several readers know. */
import { z } from 'zod';

export const record = z.record(z.string(), z.unknown());
export type Fields = z.infer<typeof record>;

export const contentSchema = z.record(
  z.string(),
  z.object({ schema: z.unknown(), example: z.unknown(), examples: record.optional() }).partial(),
);

export const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean().default(false),
  style: z.string().optional(),
  explode: z.boolean().optional(),
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: record.optional(),
  content: contentSchema.optional(),
});
export type Parameter = z.infer<typeof parameterSchema>;
