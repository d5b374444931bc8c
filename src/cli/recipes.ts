/** What the command line says of targets that have no script of their own. */
import { PlimsollError } from '../errors.ts';
import { chatBaseUrl, isChatUrl, type ChatRecipe } from '../recipes/chat.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { optionTable, type OptionName, type OptionReader } from './options.ts';

const ofChats = [
  'model',
  'inputTokens',
  'outputTokens',
  'sharedTokens',
  'turns',
] as const satisfies OptionName[];

/** Null for a target that needs none. @throws PLM_OPTION */
export function recipeFor(given: string, read: OptionReader): Recipe | null {
  if (isChatUrl(given)) return chatRecipe(given, read);
  const lost = ofChats.map((name) => read.text(name)?.from).find((from) => from?.startsWith('--') === true);
  if (lost !== undefined)
    throw new PlimsollError('PLM_OPTION', `${lost} with "${given}"`, 'it goes with a target llm://');
  return null;
}

function chatRecipe(given: string, read: OptionReader): ChatRecipe {
  const model = read.text('model');
  if (model === null)
    throw new PlimsollError(
      'PLM_OPTION',
      `"${given}" without a model`,
      `give one: ${optionTable.model.flags}`,
    );
  return {
    kind: 'chat',
    baseUrl: chatBaseUrl(given),
    model: model.text,
    inputTokens: read.number('inputTokens', 1, 1_000_000) ?? 500,
    outputTokens: read.number('outputTokens', 1, 1_000_000) ?? 150,
    sharedTokens: read.number('sharedTokens', 0, 1_000_000) ?? 0,
    turns: read.number('turns', 1, 1000) ?? 1,
  };
}
