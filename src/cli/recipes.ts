/** What the command line says of targets that have no script of their own. */
import { readArrivals } from './arrivalsFile.ts';
import { PlimsollError } from '../errors.ts';
import { chatBaseUrl, isChatUrl, type ChatRecipe, type HangingUp } from '../recipes/chat.ts';
import { readHar } from '../recipes/har.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { flagOf, optionTable, parseHeader, type OptionName, type OptionReader } from './options.ts';

const ofChats = [
  'model',
  'inputTokens',
  'outputTokens',
  'sharedTokens',
  'turns',
  'cancelShare',
  'cancelAfter',
] as const satisfies OptionName[];

export interface Made {
  readonly recipe: Recipe;
  /** What it was made from. */
  readonly from: string;
}

/**
 * Null for a target that needs none.
 * @param given the target; null where none is
 * @throws PLM_OPTION, and what is wrong with a file
 */
export async function recipeFor(given: string | null, read: OptionReader): Promise<Made | null> {
  const [har, openapi] = [read.text('har')?.text, read.text('openapi')?.text];
  const isChat = given !== null && isChatUrl(given);
  refuseStray(ofChats, isChat, 'a target llm://', read);
  refuseStray(['longestPause'], har !== undefined, '--har', read);
  refuseStray(['allowWrites'], openapi !== undefined, '--openapi', read);
  if (har === undefined && openapi === undefined)
    return isChat ? { recipe: chatRecipe(given, read), from: given } : null;
  if (har !== undefined && openapi !== undefined)
    throw new PlimsollError('PLM_OPTION', '--har together with --openapi', 'give one of them');
  refuseStray(['baseUrl'], false, 'a scenario file; give the URL as the target', read);
  if (har !== undefined) return { recipe: harRecipe(har, given, read), from: har };
  return { recipe: await openapiRecipe(openapi ?? '', given, read), from: openapi ?? '' };
}

/** @throws PLM_OPTION for a flag that means nothing here */
function refuseStray(names: readonly OptionName[], fits: boolean, home: string, read: OptionReader): void {
  const stray = fits ? undefined : names.find((name) => read.isFlag(name));
  if (stray !== undefined) throw new PlimsollError('PLM_OPTION', flagOf(stray), `it goes with ${home}`);
}

function harRecipe(file: string, given: string | null, read: OptionReader): Recipe {
  const target = given === null ? null : httpTarget(given, '--har');
  if (target !== null && target.pathname + target.search !== '/')
    throw new PlimsollError(
      'PLM_OPTION',
      `"${given}" with --har`,
      'only its origin is used: give it without a path',
    );
  return readHar(file, {
    target: target?.href ?? null,
    longestPauseMs: read.durationMs('longestPause') ?? 5000,
    given: new Set(read.list('header').map((line) => parseHeader(line)[0].toLowerCase())),
  });
}

async function openapiRecipe(file: string, given: string | null, read: OptionReader): Promise<Recipe> {
  // Its parsers take a while to load, and most runs do without.
  const { readOpenapi } = await import('../recipes/openapi/openapi.ts');
  return readOpenapi(file, {
    target: given === null ? null : httpTarget(given, '--openapi').href,
    allowWrites: read.on('allowWrites'),
    seed: read.number('seed', 0, 2 ** 31) ?? 1,
  });
}

/** @throws PLM_TARGET, PLM_OPTION for what is no URL of HTTP */
export function httpTarget(given: string, option: string): URL {
  if (!URL.canParse(given) || !given.includes('://')) throw new PlimsollError('PLM_TARGET', `"${given}"`);
  const url = new URL(given);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new PlimsollError('PLM_OPTION', `"${given}" with ${option}`, 'it goes with http:// or https://');
}

function chatRecipe(given: string, read: OptionReader): ChatRecipe {
  const model = read.text('model');
  if (model === null)
    throw new PlimsollError(
      'PLM_OPTION',
      `"${given}" without a model`,
      `give one: ${optionTable.model.flags}`,
    );
  const [inputTokens, outputTokens] = [
    read.number('inputTokens', 1, 1_000_000),
    read.number('outputTokens', 1, 1_000_000),
  ];
  const replay = read.text('replay');
  return {
    kind: 'chat',
    baseUrl: chatBaseUrl(given),
    model: model.text,
    inputTokens: inputTokens ?? 500,
    outputTokens: outputTokens ?? 150,
    // What is said on the command line wins over a trace.
    lengths:
      replay === null || inputTokens !== null || outputTokens !== null
        ? null
        : readArrivals(replay.text).tokens,
    sharedTokens: read.number('sharedTokens', 0, 1_000_000) ?? 0,
    turns: read.number('turns', 1, 1000) ?? 1,
    seed: read.number('seed', 0, 2 ** 31) ?? 1,
    hangingUp: hangingUp(read),
  };
}

/** Null where every answer is heard to its end. */
function hangingUp(read: OptionReader): HangingUp | null {
  const share = read.share('cancelShare', 0, 1);
  const after = read.text('cancelAfter');
  if (share === null) {
    if (after === null) return null;
    throw new PlimsollError('PLM_OPTION', after.from, 'it goes with --cancel-share');
  }
  // A number alone counts tokens; a time has its unit.
  const isTime = /[a-z]\s*$/.test(after?.text ?? '');
  return isTime
    ? { share, cancelAfterMs: read.durationMs('cancelAfter') ?? 0 }
    : { share, cancelAfterTokens: read.number('cancelAfter', 1, 1_000_000) ?? 20 };
}
